import { readFileSync, writeFileSync } from "node:fs";
import { RindError } from "../errors/rind-error.ts";
import { useShippedFile } from "../process/shipped-file.ts";
import { native, nativeLack } from "../process/sys.ts";

const NAME = "rind-init";

/**
 * Puts the small program that is PID 1 (`process/native/rind-init.c`) in the place of this process, and lets it start `daemon`: an exception, an
 * abort or a lack of memory must not end PID 1, and Node can promise nothing of the kind. To be called at once: a signal that comes before that
 * is lost, as the kernel gives none to a PID 1 that has no handler for it.
 *
 * Throws a `RindError` where that program is not there or cannot be run; it comes back in no other way.
 */
export function handOver(daemon: readonly string[], env: NodeJS.ProcessEnv): never {
  const sys = native();
  if (sys === undefined) throw refusal(nativeLack() ?? "there is no native part");
  const program = useShippedFile(NAME, (path) => readFileSync(path));
  if (program === undefined) throw refusal(`it was not built (${NAME} is not beside the program)`);
  try {
    const file = sys.openMemory(NAME);
    writeFileSync(file, program);
    return sys.exec(file, [NAME, ...daemon], given(env));
  } catch (error) {
    throw refusal(error instanceof Error ? error.message : String(error), error);
  }
}

/** Whether this process was started by that program. A process that is left to PID 1, or a shell of it, has no such variable. */
export function isDaemonOfInit(env: NodeJS.ProcessEnv): boolean {
  return process.ppid === 1 && env["RIND_INIT"] !== undefined;
}

function refusal(why: string, cause?: unknown): RindError {
  return new RindError(`Rind cannot be PID 1 without the small program that keeps its place: ${why}`, {
    cause,
    hint: "build Rind where there is a C compiler (Debian: package gcc)",
  });
}

function given(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
