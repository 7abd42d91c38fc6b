/** `run` in its three forms, with what a process needs besides: environment, folder, input. */
import type { Json } from "../../model/json.ts";
import { type ProgramCall, type RlimitDecl, RLIMITS, type RunDecl } from "../../model/unit-set.ts";
import { normalise } from "../normalise.ts";
import type { Path } from "../problem.ts";
import { type RawRun, type RawRunTable, run as runSchema } from "../schema/run.ts";
import { reportIssues } from "../schema-problems.ts";
import type { Scope } from "../scope.ts";
import { isTomlTable } from "../toml-table.ts";
import { shellCommand, wordsCommand } from "./command.ts";
import { killSignalOf } from "./kill-signal.ts";

/** Values of variables as they are when the units are loaded. */
export type VariableValue = (name: string) => Json | undefined;

/** `cwd` is undefined where none was given. undefined: there is none, or an error was reported. */
export function resolveRun(raw: RawRun | undefined, valueOf: VariableValue, scope: Scope): RunDecl | undefined {
  if (raw === undefined) return undefined;
  const path: Path = ["run"];
  if (typeof raw === "string" || Array.isArray(raw)) return whole(wordsCommand(raw, path, scope), {}, path, scope);
  return isRunTable(raw) ? runTable(raw, valueOf, path, scope) : undefined;
}

function runTable(raw: RawRunTable, valueOf: VariableValue, path: Path, scope: Scope): RunDecl | undefined {
  if (raw.variable !== undefined) return runOfVariable(raw, raw.variable, valueOf, path, scope);
  const args = (raw.args ?? []).map((text, index) => scope.expand(text, [...path, "args", index]));
  if (raw.exec !== undefined) return whole({ program: scope.program(raw.exec, [...path, "exec"]), args }, raw, path, scope);
  if (raw.shell === undefined) {
    scope.report.error(path, '"run" names no program', 'give "exec", "shell" or "variable"');
    return undefined;
  }
  return whole(shellCommand(raw.shell, args, [...path, "shell"], scope), raw, path, scope);
}

/** The table of the variable, with what the service says itself on top. */
function runOfVariable(own: RawRunTable, reference: string, valueOf: VariableValue, path: Path, scope: Scope): RunDecl | undefined {
  const at = [...path, "variable"];
  const name = scope.variable(reference, at);
  if (name === undefined) return undefined;
  const complain = (_: Path, message: string, hint?: string) =>
    scope.report.error(at, `variable "${name}" is no command: ${message}`, hint);
  const report = { ...scope.report, error: complain, errorAtKey: complain };
  const value: unknown = structuredClone(valueOf(name));
  if (isTomlTable(value)) normalise(value, report);
  const parsed = runSchema.safeParse(value);
  if (!parsed.success) {
    reportIssues(parsed.error.issues, value, report);
    return undefined;
  }
  const { variable: _, ...rest } = own;
  if (isRunTable(parsed.data)) {
    if (parsed.data.variable === undefined)
      return runTable({ ...parsed.data, ...rest, env: { ...parsed.data.env, ...rest.env } }, valueOf, path, scope);
    scope.report.error(at, `variable "${name}" is no command: it refers to a variable in its turn`);
    return undefined;
  }
  return whole(wordsCommand(parsed.data, at, scope), rest, path, scope);
}

function whole(command: ProgramCall | undefined, raw: RawRunTable, path: Path, scope: Scope): RunDecl | undefined {
  if (command === undefined) return undefined;
  const envFiles = typeof raw["env-file"] === "string" ? [raw["env-file"]] : (raw["env-file"] ?? []);
  return {
    ...command,
    ...processOf(raw, path, scope),
    env: Object.fromEntries(Object.entries(raw.env ?? {}).map(([key, text]) => [key, scope.expand(text, [...path, "env", key])])),
    envFiles: envFiles.map((text) => scope.path(text, [...path, "env-file"])),
    cwd: raw.cwd === undefined ? undefined : scope.path(raw.cwd, [...path, "cwd"]),
    stdin: raw.stdin === undefined ? undefined : scope.path(raw.stdin, [...path, "stdin"]),
    reload: reloadOf(raw.reload, [...path, "reload"], scope),
  };
}

/** As whom and within which limits it runs. */
function processOf(raw: RawRunTable, path: Path, scope: Scope) {
  const { user, group, umask, nice, rlimits = {}, tty } = raw;
  if (tty !== undefined && raw.stdin !== undefined) {
    scope.report.error([...path, "stdin"], '"run.tty" is its standard input already', "give one of them");
  }
  return {
    user,
    group,
    umask,
    nice,
    oomScoreAdj: raw["oom-score-adj"],
    rlimits: RLIMITS.flatMap((name): RlimitDecl[] => {
      const [soft, hard] = rlimits[name] ?? [];
      if (soft === undefined || hard === undefined) return [];
      if (soft > hard)
        scope.report.error([...path, "rlimits", name], `the soft limit of ${name} is above the hard one`, "write [soft, hard]");
      return [{ name, soft, hard }];
    }),
    tty: tty === undefined ? undefined : scope.path(tty, [...path, "tty"]),
  };
}

function reloadOf(raw: RawRunTable["reload"], path: Path, scope: Scope): RunDecl["reload"] {
  if (raw === undefined) return undefined;
  const signal = Array.isArray(raw) ? undefined : killSignalOf(raw);
  if (signal !== undefined) return { kind: "signal", signal };
  const command = typeof raw === "number" ? undefined : wordsCommand(raw, path, scope);
  return command === undefined ? undefined : { kind: "command", ...command };
}

function isRunTable(raw: RawRun): raw is RawRunTable {
  return typeof raw === "object" && !Array.isArray(raw);
}
