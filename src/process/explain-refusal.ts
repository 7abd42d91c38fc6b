import type { LaunchFailure } from "../model/exit.ts";
import type { LaunchPlan } from "./launcher.ts";
import { MAX_STRING_BYTES } from "./plan-flaw.ts";

/**
 * Why a process could not be made although its program was found. Node tells the reason in a later event; the answer is due now. So the system is
 * asked once more, for a program that cannot exist: if even the fork before it fails, the system is at its limits, otherwise the program is at fault.
 */
export function explainRefusal(plan: LaunchPlan, path: string): LaunchFailure {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { error } = spawnSync("/dev/null/none", { stdio: "ignore" });
  const code = error !== undefined && "code" in error ? String(error.code) : "";
  return (
    fullSystem(code) ??
    largePlan(plan) ?? {
      kind: "system",
      message: `the kernel does not run ${path}: it is made for another machine, lacks its loader, or is being written to`,
    }
  );
}

/** That the system, or what the daemon may have of it, is at its limits; undefined: this error says something else. */
export function fullSystem(code: string): LaunchFailure | undefined {
  if (code === "EAGAIN")
    return { kind: "system", message: "the system has no room for another process (EAGAIN): raise the limit of processes, or stop some" };
  if (code === "EMFILE" || code === "ENFILE")
    return { kind: "system", message: `there are too many open files for another process (${code}): raise the limit of open files` };
  if (code === "ENOMEM") return { kind: "system", message: "the system has no memory for another process (ENOMEM)" };
  return undefined;
}

/** undefined: what the program is given is too small to be refused for that. */
export function largePlan({ args, env }: LaunchPlan): LaunchFailure | undefined {
  const bytes = [...args, ...Object.entries(env).flat()].reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  if (bytes <= MAX_STRING_BYTES) return undefined;
  return {
    kind: "bad-plan",
    message: `its arguments and environment have ${bytes} bytes together, more than the kernel takes: hand large data over in a file`,
  };
}
