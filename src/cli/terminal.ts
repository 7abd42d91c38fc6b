import { fstatSync, writeSync } from "node:fs";
import { RindError } from "../errors/rind-error.ts";
import { ownCommand } from "./own-command.ts";

const STDOUT = 1;
const STDERR = 2;
/** Their major number, see null(4). */
const MEMORY_DEVICES = 1;

/** What a command sees of the process it runs in; tests give it another. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly uid: number;
  /** The program and its first arguments, so that it can start itself anew. */
  readonly self: readonly string[];
  readonly colour: boolean;
  /** The same of standard error. */
  readonly errColour: boolean;
  /** Whether the locale can show more than ASCII. */
  readonly unicode: boolean;
  /** Width of the terminal; Infinity where the output goes elsewhere: then nothing is cut. */
  readonly columns: number;
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves when the reader has taken it. Rejects with a `ReaderGoneError` where nobody reads any more. */
  out(text: string | Uint8Array): Promise<void>;
  err(text: string): void;
  stdin(): Promise<string>;
  /** Calls `act` instead of ending the program at Ctrl-C or SIGTERM; returns the way back. */
  onInterrupt(act: () => void): () => void;
}

/** Who read the output has gone (`rind logs | head`): no failure, and nobody to tell. */
export class ReaderGoneError extends RindError {}

/** `process.stdout` and the like take longer to be made than most commands to run, so they are asked only where there is a terminal. */
export function processTerminal(): Terminal {
  const { env } = process;
  const wantsColour = !env["NO_COLOR"] && env["TERM"] !== "dumb";
  const interactive = mayBeTerminal(STDOUT) && process.stdout.isTTY === true;
  return {
    env,
    cwd: process.cwd(),
    uid: process.getuid?.() ?? 0,
    self: ownCommand(),
    colour: interactive && wantsColour,
    get errColour() {
      return wantsColour && mayBeTerminal(STDERR) && process.stderr.isTTY === true;
    },
    unicode: isUtf8(env),
    columns: interactive ? process.stdout.columns : Number.POSITIVE_INFINITY,
    now: () => Date.now(),
    out: async (text) => {
      const rest = writeAtOnce(STDOUT, text);
      if (rest.length > 0) await writeLater(process.stdout, rest);
    },
    err: (text) => {
      try {
        const rest = writeAtOnce(STDERR, text);
        if (rest.length > 0) writeLater(process.stderr, rest).catch(() => {});
      } catch {
        // there is nobody left who could be told
      }
    },
    stdin: async () => (await import("node:stream/consumers")).text(process.stdin),
    onInterrupt(act) {
      process.once("SIGINT", act);
      process.once("SIGTERM", act);
      return () => {
        process.removeListener("SIGINT", act);
        process.removeListener("SIGTERM", act);
      };
    },
  };
}

/** Of a character device: /dev/null and its kin are none. */
function mayBeTerminal(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isCharacterDevice() && stat.rdev >> 8 !== MEMORY_DEVICES;
  } catch {
    return false;
  }
}

/** What is left: a pipe that is full, and whose other side does not want to be waited for, takes no more. Throws a `ReaderGoneError`. */
function writeAtOnce(fd: number, text: string | Uint8Array): Uint8Array {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  let at = 0;
  try {
    while (at < bytes.length) at += writeSync(fd, bytes, at);
  } catch (error) {
    if (codeOf(error) !== "EAGAIN") throw writeFailure(error);
  }
  return bytes.subarray(at);
}

function writeLater(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> {
  // The callback of each write hears of it too; without a listener the event would end the program.
  if (stream.listenerCount("error") === 0) stream.on("error", () => {});
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => {
      if (error) reject(writeFailure(error));
      else resolve();
    });
  });
}

function writeFailure(error: unknown): unknown {
  return codeOf(error) === "EPIPE" ? new ReaderGoneError("the reader has gone", { cause: error }) : error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** The first of these that is set decides, as in setlocale(3). */
export function isUtf8(env: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "");
}
