import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** Where the build puts the program. */
export const DIST = fileURLToPath(new URL("../../dist", import.meta.url));

/** The single executable (`npm run build:exe`) in place of the bundle: `RIND_EXECUTABLE=dist/exe/rind npm test -- --project cli`. */
const executable = process.env["RIND_EXECUTABLE"];

/** The program as it is shipped. */
export const RIND = executable === undefined ? join(DIST, "rind.js") : resolve(executable);

/** What it is an argument of: node, or, where it needs none, a program that only becomes it. */
export const RUNNER = executable === undefined ? process.execPath : "/usr/bin/env";

const PARTS = ["rind.js", "chunks", "sys.node", "rind-init"];

/**
 * A copy of the program that everybody may read and run: a checkout may lie where only its owner can go. `without`: parts that it lacks.
 * Returns the path of its `rind.js`.
 */
export function copyProgram(folder: string, { without = [] }: { without?: readonly string[] } = {}): string {
  for (const part of PARTS) {
    if (!without.includes(part) && existsSync(join(DIST, part)))
      cpSync(join(DIST, part), join(folder, part), { recursive: true, dereference: true });
  }
  for (const entry of ["", ...readdirSync(folder, { recursive: true, encoding: "utf8" })]) chmodSync(join(folder, entry), 0o755);
  return join(folder, "rind.js");
}

export interface Running {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts a program; it is killed at the end of the test if it still runs. */
export function run(program: string, args: readonly string[], options: SpawnOptions & { input?: string } = {}): Running {
  const { input, ...rest } = options;
  const child = spawn(program, args, { stdio: "pipe", ...rest });
  let out = "";
  let err = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended.catch(() => {});
  });
  return { child, out: () => out, err: () => err, ended };
}

export interface Result {
  readonly code: number | string | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `rind` to its end. */
export function rind(args: readonly string[], options: SpawnOptions & { input?: string } = {}): Promise<Result> {
  return runToEnd(RUNNER, [RIND, ...args], options);
}

export async function runToEnd(program: string, args: readonly string[], options: SpawnOptions & { input?: string } = {}): Promise<Result> {
  const running = run(program, args, options);
  const code = await running.ended;
  return { code, out: running.out(), err: running.err() };
}
