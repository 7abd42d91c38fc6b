import { LineSplitter } from "../log/line-splitter.ts";
import type { Exit, LaunchFailure } from "../model/exit.ts";
import type { Identity, OutputStream, ProcessHandle } from "./launcher.ts";
import { systemLauncher } from "./system-launcher.ts";

/** A program that is run to its end and then forgotten: a hook's script, the `eval` of an `auto-payload`. */
export interface Command {
  /** Whose command it is, for messages: `auto-payload of net@host`, `on-start of db@pg`. */
  readonly owner: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  /** undefined: that of the daemon. */
  readonly identity?: Identity | undefined;
  readonly timeoutMs: number;
  /** Bytes of stdout that are kept; what is printed after them is read and thrown away. */
  readonly maxOutput: number;
  /** Each line as it is printed, both streams. */
  readonly onLine?: (stream: OutputStream, line: Buffer) => void;
  /** Kills the command and all it started. */
  readonly abort?: AbortSignal;
}

export interface CommandResult {
  /** undefined: it could not be started, see `failure`. */
  readonly exit: Exit | undefined;
  readonly timedOut: boolean;
  readonly stdout: string;
  /** Whether stdout was longer than `maxOutput`. */
  readonly truncated: boolean;
  readonly failure?: LaunchFailure;
}

/** How long the output may stay open after the end: what cannot be found or killed may hold it for ever, and the last bytes come at once. */
const OUTPUT_GRACE_MS = 500;

/** Never rejects. All that comes from the command is killed when it ends, is aborted, or is out of time, wherever that has gone. */
export function runCommand(command: Command): Promise<CommandResult> {
  const { owner, timeoutMs, maxOutput, onLine, abort, ...run } = command;
  return new Promise((resolve) => {
    const kept: Buffer[] = [];
    let room = maxOutput;
    let truncated = false;
    let timedOut = false;
    let exit: Exit | undefined;
    let ended = false;
    let done = false;
    let timer: NodeJS.Timeout | undefined;
    const lines = {
      stdout: new LineSplitter((line) => onLine?.("stdout", line)),
      stderr: new LineSplitter((line) => onLine?.("stderr", line)),
    };

    const finish = (failure?: LaunchFailure): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      abort?.removeEventListener("abort", kill);
      lines.stdout.end();
      lines.stderr.end();
      resolve({ exit, timedOut, stdout: Buffer.concat(kept).toString(), truncated, ...(failure === undefined ? {} : { failure }) });
    };

    let handle: ProcessHandle | undefined;
    const kill = (): void => void handle?.signal("SIGKILL");
    systemLauncher().launch(
      { ...run, instance: owner, stdin: undefined },
      {
        started: (process) => {
          handle = process;
          timer = setTimeout(() => {
            timedOut = true;
            kill();
          }, timeoutMs);
          if (abort?.aborted === true) kill();
          else abort?.addEventListener("abort", kill, { once: true });
        },
        refused: finish,
        output: (stream, bytes) => {
          if (done) return;
          lines[stream].push(bytes);
          if (stream === "stderr") return;
          if (bytes.length > room) truncated = true;
          if (room > 0) kept.push(Buffer.from(bytes.subarray(0, room)));
          room = Math.max(0, room - bytes.length);
        },
        exited: (how) => {
          exit = how;
          kill();
          clearTimeout(timer);
          if (ended) finish();
          else timer = setTimeout(finish, OUTPUT_GRACE_MS);
        },
        outputEnded: () => {
          ended = true;
          if (exit !== undefined) finish();
        },
      },
    );
  });
}
