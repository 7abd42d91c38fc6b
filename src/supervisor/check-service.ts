import type { Diagnostic } from "../errors/unit-error.ts";
import { hasProcess } from "../model/phase.ts";
import { WHOLE } from "../model/name.ts";
import type { ServiceDecl, UnitSet } from "../model/unit-set.ts";
import { readEnvFile } from "../process/env-file.ts";
import { findProgram } from "../process/find-program.ts";
import { instanceEnv, type LaunchGround } from "./launch-plan.ts";
import { ServiceRefusedError } from "./service-refused.ts";
import type { Supervisor } from "./supervisor.ts";

/** The checks of `service.set` that look at the machine and at what runs. Each throws a `ServiceRefusedError`. */

/** Its program is there and may be run; looked up as it will be at the start. */
export function checkExecutable(decl: ServiceDecl, ground: LaunchGround): void {
  const { run } = decl;
  const { PATH: path } = instanceEnv(decl, WHOLE, ground, { user: {}, files: envFiles(run.envFiles), transport: {} });
  const found = findProgram(run.program, path, run.cwd ?? "/");
  if (found.ok) return;
  const [message = "", hint = ""] = found.failure.message.split(/: (?=write |give |set )/);
  throw new ServiceRefusedError("executable", message, { hint });
}

/** What it refers to is there, and fits. */
export function checkReferences(diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (first === undefined) return;
  throw new ServiceRefusedError("references", errors.map(({ message }) => message).join("; "), { hint: first.hint });
}

/** Nothing runs now that must never run together with it, whoever of the two says so; by the units with it among them. */
export function checkConflicts({ instances }: Supervisor, { services }: UnitSet, decl: ServiceDecl): void {
  const others = services.filter(
    ({ name, conflicts }) => name !== decl.name && (decl.conflicts.includes(name) || conflicts.includes(decl.name)),
  );
  const running = others.filter(({ name }) => instances.of(name).some(({ phase }) => hasProcess(phase))).map(({ name }) => name);
  if (running.length === 0) return;
  throw new ServiceRefusedError("conflicts", `${decl.name} conflicts with ${running.join(", ")}, which runs now`, {
    hint: `stop it first: rind stop ${running.join(" ")}`,
  });
}

/** Those that cannot be read are told at the start: they may be made until then. */
function envFiles(files: readonly string[]): Record<string, string> {
  const all: Record<string, string> = {};
  for (const file of files) {
    try {
      Object.assign(all, readEnvFile(file));
    } catch {}
  }
  return all;
}
