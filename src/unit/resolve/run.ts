/** `run` in its three forms, with what a process needs besides: environment, folder, input. */
import type { Json } from "../../model/json.ts";
import { type ProgramCall, type RlimitDecl, RLIMITS, type RunDecl } from "../../model/unit-set.ts";
import { normalise } from "../normalise.ts";
import type { Path, Report } from "../problem.ts";
import type { RawRun, RawRunTable } from "../schema/run.ts";
import type { Scope } from "../scope.ts";
import { isTomlTable } from "../toml-table.ts";
import { shellCommand, wordsCommand } from "./command.ts";
import { killSignalOf } from "./kill-signal.ts";

export interface Variables {
  /** Their values as they are when the units are loaded. */
  readonly valueOf: (name: string) => Json | undefined;
  /** What a value says is to be run; undefined: an error was reported. */
  readonly readRun: (value: unknown, report: Report) => RawRun | undefined;
}

/** `cwd` is undefined where none was given. undefined: there is none, or an error was reported. */
export function resolveRun(raw: RawRun | undefined, variables: Variables, scope: Scope): RunDecl | undefined {
  if (raw === undefined) return undefined;
  const path: Path = ["run"];
  if (typeof raw === "string" || Array.isArray(raw)) return whole(wordsCommand(raw, path, scope), {}, path, scope);
  return isRunTable(raw) ? runTable(raw, variables, path, scope) : undefined;
}

function runTable(raw: RawRunTable, variables: Variables, path: Path, scope: Scope): RunDecl | undefined {
  if (raw.variable !== undefined) return runOfVariable(raw, raw.variable, variables, path, scope);
  const args = raw.args === undefined ? NO_TEXTS : raw.args.map((text, index) => scope.expand(text, [...path, "args", index]));
  if (raw.exec !== undefined) return whole({ program: scope.program(raw.exec, [...path, "exec"]), args }, raw, path, scope);
  if (raw.shell === undefined) {
    scope.report.error(path, '"run" names no program', 'give "exec", "shell" or "variable"');
    return undefined;
  }
  return whole(shellCommand(raw.shell, args, [...path, "shell"], scope), raw, path, scope);
}

/** The table of the variable, with what the service says itself on top. */
function runOfVariable(own: RawRunTable, reference: string, variables: Variables, path: Path, scope: Scope): RunDecl | undefined {
  const at = [...path, "variable"];
  const name = scope.variable(reference, at);
  if (name === undefined) return undefined;
  const complain = (_: Path, message: string, hint?: string) =>
    scope.report.error(at, `variable "${name}" is no command: ${message}`, hint);
  // nothing here warns
  const report: Report = { error: complain, errorAtKey: complain, warning: complain, warningAtKey: complain };
  const value: unknown = structuredClone(variables.valueOf(name));
  if (isTomlTable(value)) normalise(value, report);
  const raw = variables.readRun(value, report);
  if (raw === undefined) return undefined;
  // as: only what is not given is left out
  const rest = Object.fromEntries(Object.entries(own).filter(([key, value]) => key !== "variable" && value !== undefined)) as RawRunTable;
  if (isRunTable(raw)) {
    if (raw.variable === undefined) return runTable({ ...raw, ...rest, env: { ...raw.env, ...rest.env } }, variables, path, scope);
    scope.report.error(at, `variable "${name}" is no command: it refers to a variable in its turn`);
    return undefined;
  }
  return whole(wordsCommand(raw, at, scope), rest, path, scope);
}

function whole(command: ProgramCall | undefined, raw: RawRunTable, path: Path, scope: Scope): RunDecl | undefined {
  if (command === undefined) return undefined;
  const { cwd, stdin, tty, env, reload } = raw;
  if (tty !== undefined && stdin !== undefined) {
    scope.report.error([...path, "stdin"], '"run.tty" is its standard input already', "give one of them");
  }
  return {
    program: command.program,
    args: command.args,
    env: env === undefined ? NO_ENV : environmentOf(env, [...path, "env"], scope),
    envFiles: raw["env-file"] === undefined ? NO_TEXTS : envFilesOf(raw["env-file"], [...path, "env-file"], scope),
    cwd: cwd === undefined ? undefined : scope.path(cwd, [...path, "cwd"]),
    stdin: stdin === undefined ? undefined : scope.path(stdin, [...path, "stdin"]),
    user: raw.user,
    group: raw.group,
    umask: raw.umask,
    nice: raw.nice,
    oomScoreAdj: raw["oom-score-adj"],
    rlimits: raw.rlimits === undefined ? NO_LIMITS : limitsOf(raw.rlimits, [...path, "rlimits"], scope),
    tty: tty === undefined ? undefined : scope.path(tty, [...path, "tty"]),
    reload: reload === undefined ? undefined : reloadOf(reload, [...path, "reload"], scope),
  };
}

/** Shared by all services that say nothing of these. */
const NO_ENV: RunDecl["env"] = {};
const NO_TEXTS: readonly string[] = [];
const NO_LIMITS: RunDecl["rlimits"] = [];

function environmentOf(env: Readonly<Record<string, string>>, path: Path, scope: Scope): RunDecl["env"] {
  return Object.fromEntries(Object.entries(env).map(([key, text]) => [key, scope.expand(text, [...path, key])]));
}

function envFilesOf(raw: string | readonly string[], path: Path, scope: Scope): readonly string[] {
  return (typeof raw === "string" ? [raw] : raw).map((text) => scope.path(text, path));
}

function limitsOf(rlimits: NonNullable<RawRunTable["rlimits"]>, path: Path, scope: Scope): RunDecl["rlimits"] {
  return RLIMITS.flatMap((name): RlimitDecl[] => {
    const [soft, hard] = rlimits[name] ?? [];
    if (soft === undefined || hard === undefined) return [];
    if (soft > hard) scope.report.error([...path, name], `the soft limit of ${name} is above the hard one`, "write [soft, hard]");
    return [{ name, soft, hard }];
  });
}

function reloadOf(raw: NonNullable<RawRunTable["reload"]>, path: Path, scope: Scope): RunDecl["reload"] {
  const signal = Array.isArray(raw) ? undefined : killSignalOf(raw);
  if (signal !== undefined) return { kind: "signal", signal };
  const command = typeof raw === "number" ? undefined : wordsCommand(raw, path, scope);
  return command === undefined ? undefined : { kind: "command", ...command };
}

function isRunTable(raw: RawRun): raw is RawRunTable {
  return typeof raw === "object" && !Array.isArray(raw);
}
