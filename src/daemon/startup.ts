import { LineSplitter } from "../log/line-splitter.ts";
import { describeExit } from "../service/restart-policy.ts";
import type { ProgramCall } from "../model/unit-set.ts";
import type { Launcher, OutputStream, ProcessHandle } from "../process/launcher.ts";

/** How long the startup program has to end when it is interrupted, before it is killed. */
const GRACE_MS = 10_000;

export interface StartupRun {
  readonly launcher: Launcher;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Aborts when it is to end. */
  readonly asked: AbortSignal;
  /** Aborts when it is to be killed. */
  readonly forced: AbortSignal;
  readonly onLine: (stream: OutputStream, line: Buffer) => void;
}

/**
 * Runs the program of `[settings] startup` to its end, which is that of all that it has started: what its main process leaves behind is
 * ended too. Answers what went wrong; undefined: nothing did, so services may start.
 */
export function runStartup({ program, args }: ProgramCall, run: StartupRun): Promise<string | undefined> {
  const { launcher, env, cwd, asked, forced, onLine } = run;
  return new Promise((resolve) => {
    const lines = {
      stdout: new LineSplitter((line) => onLine("stdout", line)),
      stderr: new LineSplitter((line) => onLine("stderr", line)),
    };
    let outcome: string | undefined;
    let timer: NodeJS.Timeout | undefined;
    let parts = 2;
    const finish = (): void => {
      parts -= 1;
      if (parts > 0) return;
      clearTimeout(timer);
      asked.removeEventListener("abort", terminate);
      forced.removeEventListener("abort", kill);
      lines.stdout.end();
      lines.stderr.end();
      resolve(asked.aborted ? "it was interrupted" : outcome);
    };
    let handle: ProcessHandle | undefined;
    const kill = (): void => void handle?.signal("SIGKILL");
    const terminate = (): void => {
      handle?.signal("SIGTERM");
      timer ??= setTimeout(kill, GRACE_MS);
    };
    launcher.launch(
      { instance: "startup", program, args, env, cwd, stdin: undefined },
      {
        started: (process) => {
          handle = process;
          if (asked.aborted) terminate();
          else asked.addEventListener("abort", terminate, { once: true });
          if (forced.aborted) kill();
          else forced.addEventListener("abort", kill, { once: true });
        },
        refused: ({ message }) => resolve(message),
        output: (stream, bytes) => lines[stream].push(bytes),
        outputEnded: finish,
        exited: (exit) => {
          if (exit.kind === "killed" || exit.code !== 0) outcome = describeExit(exit);
          if (handle?.alive() === true) terminate();
          handle?.whenGone(finish);
        },
      },
    );
  });
}
