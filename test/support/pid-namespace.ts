import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, onTestFailed, onTestFinished } from "vitest";
import { readChildren } from "../../src/lib/proc.ts";

/** Everything of its own, so that nothing that PID 1 does reaches this machine. It ends with `unshare`. */
const OWN = ["--pid", "--fork", "--kill-child", "--mount", "--uts", "--ipc", "--net", "--mount-proc"];

export interface Namespace {
  /** What came out of it, both streams. */
  out(): string;
  /** Resolves with what was matched, in what came out from `from` on; rejects when it ends first, or after 25 seconds. */
  said(pattern: RegExp, from?: number): Promise<RegExpExecArray>;
  /** Types a line. */
  type(line: string): void;
  /** Its PID 1, as this machine counts. */
  first(): Promise<number>;
  /** What PID 1 ended with; 128 and the signal where the kernel has ended the namespace. */
  readonly ended: Promise<number>;
}

/** Runs a program as PID 1 of a namespace of its own; ended after the test. `terminal`: on one, else with pipes and an empty stdin. */
export function inNamespace(
  words: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; terminal?: boolean } = {},
): Namespace {
  const { env = process.env, cwd, terminal = false } = options;
  const command = ["unshare", ...OWN, ...words];
  const [program = "", ...args] = terminal ? ["script", "-qefc", `exec ${command.map(quoted).join(" ")}`, "/dev/null"] : command;
  const child: ChildProcess = spawn(program, args, { env, cwd, stdio: [terminal ? "pipe" : "ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (some: string) => {
      text += some;
    });
  }
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, killSignal) => resolve(code ?? (killSignal === "SIGHUP" ? 129 : 130)));
  });
  let over = false;
  void ended.finally(() => {
    over = true;
  });
  onTestFailed(() => console.error(`what came out of the namespace:\n${text}`));
  onTestFinished(async () => {
    const pid = firstBelow(child.pid ?? 0);
    if (!over && pid !== undefined) process.kill(pid, "SIGKILL");
    child.kill("SIGKILL");
    await ended.catch(() => {});
  });
  return {
    out: () => text,
    said: (pattern, from = 0) =>
      new Promise((resolve, reject) => {
        const failed = (why: string): void => reject(new Error(`${why} before ${pattern} was said:\n${text}`));
        const timer = setTimeout(() => settle(() => failed("25 seconds went by")), 25_000);
        const look = (): void => {
          const match = pattern.exec(text.slice(from));
          if (match !== null) settle(() => resolve(match));
        };
        const settle = (then: () => void): void => {
          clearTimeout(timer);
          child.stdout?.off("data", look);
          child.stderr?.off("data", look);
          then();
        };
        child.stdout?.on("data", look);
        child.stderr?.on("data", look);
        void ended.then(() => {
          look();
          settle(() => failed("it ended"));
        }, reject);
        look();
      }),
    type: (line) => void child.stdin?.write(`${line}\n`),
    first: async () => {
      await expect.poll(() => firstBelow(child.pid ?? 0), { timeout: 10_000 }).toBeDefined();
      return firstBelow(child.pid ?? 0) ?? 0;
    },
    ended,
  };
}

/** The process below this one that is PID 1 in a namespace of its own; see proc(5) for NSpid. */
function firstBelow(pid: number): number | undefined {
  for (const below of readChildren({ pid, threads: 1 })) {
    if (/^NSpid:\t\d+\t1$/m.test(statusOf(below))) return below;
    const found = firstBelow(below);
    if (found !== undefined) return found;
  }
  return undefined;
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
