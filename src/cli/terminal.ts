import { text as readText } from "node:stream/consumers";
import { RindError } from "../errors/rind-error.ts";
import { ownCommand } from "./own-command.ts";

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

export function processTerminal(): Terminal {
  const { env, stdout } = process;
  const interactive = stdout.isTTY === true;
  const wantsColour = !env["NO_COLOR"] && env["TERM"] !== "dumb";
  // The callback of each write hears of it too; without a listener the event would end the program.
  stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  return {
    env,
    cwd: process.cwd(),
    uid: process.getuid?.() ?? 0,
    self: ownCommand(),
    colour: interactive && wantsColour,
    errColour: process.stderr.isTTY === true && wantsColour,
    unicode: isUtf8(env),
    columns: interactive ? stdout.columns : Number.POSITIVE_INFINITY,
    now: () => Date.now(),
    out: (text) =>
      new Promise((resolve, reject) => {
        stdout.write(text, (error) => {
          if (!error) resolve();
          else reject("code" in error && error.code === "EPIPE" ? new ReaderGoneError("the reader has gone", { cause: error }) : error);
        });
      }),
    err: (text) => void process.stderr.write(text),
    stdin: () => readText(process.stdin),
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

/** The first of these that is set decides, as in setlocale(3). */
export function isUtf8(env: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "");
}
