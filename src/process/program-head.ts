import { closeSync, constants, openSync, readdirSync, readSync } from "node:fs";
import { resolve } from "node:path";
import type { LaunchFailure } from "../model/exit.ts";

const HEAD_BYTES = 256;

/** The machines of ELF files (e_machine) that a kernel runs, its own and the 32-bit one before it. */
const MACHINES: Readonly<Record<string, readonly number[]>> = { x64: [62, 3], ia32: [3], arm64: [183, 40], arm: [40] };
const MACHINE_AT = 18;

/**
 * What the first bytes of an executable file tell against running it. The kernel refuses such a file, and the C library then takes it for a script of
 * the shell, whatever is in it. `obstacleOf`: what is against running the interpreter of a script.
 */
export function headObstacle(
  path: string,
  cwd: string,
  obstacleOf: (path: string) => LaunchFailure | undefined,
): LaunchFailure | undefined {
  const head = readHead(path);
  if (head === undefined) return undefined;
  if (head.startsWith("#!")) return interpreterObstacle(path, head, (interpreter) => obstacleOf(resolve(cwd, interpreter)));
  if (hasForeignFormats()) return undefined;
  if (!head.startsWith("\x7fELF")) {
    return {
      kind: "bad-plan",
      message: `${path} is neither a program nor a script with a first line such as "#!/bin/sh": add that line, or use run.shell`,
    };
  }
  const machine = head.charCodeAt(MACHINE_AT) + 256 * head.charCodeAt(MACHINE_AT + 1);
  if (MACHINES[process.arch]?.includes(machine) ?? true) return undefined;
  return { kind: "bad-plan", message: `${path} is a program for another kind of machine than this one (${process.arch})` };
}

function interpreterObstacle(
  path: string,
  head: string,
  obstacleOf: (path: string) => LaunchFailure | undefined,
): LaunchFailure | undefined {
  const interpreter = /^#![ \t]*([^ \t\n]*)/.exec(head)?.[1] ?? "";
  const obstacle = interpreter === "" ? undefined : obstacleOf(interpreter);
  if (obstacle === undefined) return undefined;
  const hint = interpreter.endsWith("\r") ? ": its lines end as on Windows, with a carriage return" : "";
  return {
    kind: obstacle.kind,
    message: `${path} asks in its first line for the interpreter ${JSON.stringify(interpreter)}, which cannot be run${hint}`,
  };
}

/** undefined: a program may be executable without being readable. */
function readHead(path: string): string | undefined {
  let file: number | undefined;
  try {
    // Who has a lease on it would hold up the daemon, see fcntl(2).
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const head = Buffer.alloc(HEAD_BYTES);
    return head.toString("latin1", 0, readSync(file, head, 0, HEAD_BYTES, 0));
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whether the kernel was taught (binfmt_misc) to run more than ELF and scripts. */
function hasForeignFormats(): boolean {
  try {
    return readdirSync("/proc/sys/fs/binfmt_misc").some((name) => name !== "register" && name !== "status");
  } catch {
    return false;
  }
}
