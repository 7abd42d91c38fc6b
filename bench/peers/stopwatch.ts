import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { Readable } from "node:stream";

/** The longest that anything here may take. */
const LIMIT_MS = 60_000;

/** Milliseconds on the clock of `bench/peers/programs/stopwatch.c`. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A stopwatch that answers line by line. */
export class Stopwatch {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string, words: readonly string[]) {
    this.#child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = linesOf(this.#child.stdout)[Symbol.asyncIterator]();
  }

  ask(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  line(): Promise<string> {
    return inTime(
      this.#lines.next().then(({ value }) => value ?? ""),
      "the stopwatch",
    );
  }

  /** The time that comes next, in milliseconds. */
  async time(): Promise<number> {
    return inMs(await this.line());
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }
}

/** The first line of what comes in, which is a time. */
export async function firstTime(stream: Readable): Promise<number> {
  const { value } = await inTime(linesOf(stream)[Symbol.asyncIterator]().next(), "the start");
  return inMs(value ?? "");
}

/** Rejects when it takes longer than anything may. */
export async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} takes longer than ${LIMIT_MS / 1_000} s`)), LIMIT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function linesOf(input: Readable | null): Interface {
  if (input === null) throw new Error("a pipe is missing");
  return createInterface({ input });
}

function inMs(nanoseconds: string): number {
  if (!/^\d+$/.test(nanoseconds)) throw new Error(`the stopwatch said "${nanoseconds}"`);
  return Number(nanoseconds) / 1e6;
}
