import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { makeFolder } from "../lib/make-folder.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { DaemonLog } from "./daemon-log.ts";
import { FILE_MODE, FileRotation } from "./file-rotation.ts";
import { rightFor } from "./file-trouble.ts";
import { MAX_LINE_BYTES } from "./whole-lines.ts";
import { LineWeave } from "./line-weave.ts";
import type { Turns } from "./turns.ts";

export interface LogFilePlan {
  /** Absolute. Asked for when the first byte is to be written, and again after each failure. */
  readonly place: () => Promise<string>;
  /** Bytes after which it is rotated; Infinity: never. */
  readonly maxSize: number;
  readonly keep: number;
}

/** What all files share. */
export interface LogFileGround {
  readonly log: DaemonLog;
  readonly clock: Clock;
  /** A disk that hangs takes a thread of node's pool with it: the store must always find one. */
  readonly writing: Turns;
  readonly compressing: Turns;
}

/** The writing end that one process has of a file. */
export interface LogSource {
  /** False: more waits for the disk than should; to be held up until `onDrain`. What comes all the same is taken. */
  write(stream: "stdout" | "stderr", bytes: Buffer): boolean;
  /** No more comes from this process. */
  end(): void;
}

const HIGH_WATER = 1_024 * 1_024;
const LOW_WATER = 256 * 1_024;
const BATCH_BYTES = 1_024 * 1_024;
const RETRY_MS = 5_000;
const FOLDER_MODE = 0o750;
const NEWLINE = 0x0a;
const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;

interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
  size: number;
  /** The size at which it is to be rotated; Infinity: never. */
  limit: number;
}

interface Trouble {
  /** Bytes that found no more room while they waited. */
  lost: number;
  retry: unknown;
}

/**
 * One file that the output of one or more processes is appended to, as it was printed and in order of arrival. Owns that every byte reaches
 * the file, by one write at a time and in batches; that more than a megabyte never waits for the disk (who prints is held up then); and that
 * lines are not torn where several print. Folders that are missing are made.
 *
 * Where it cannot be written (a full disk, a missing right) that is logged once, the service goes on, a megabyte is kept, and it is tried
 * again every few seconds; what found no room is counted and told. The file is opened by its first byte and closed with its last process.
 */
export class LogFile {
  readonly #plan: LogFilePlan;
  readonly #ground: LogFileGround;
  readonly #owner: string;
  readonly #onUnused: () => void;
  readonly #queue = new ByteQueue();
  readonly #weave: LineWeave;
  readonly #sources = new Set<() => void>();
  #drainWanted = false;
  #busy: Promise<void> | undefined;
  /** Something came while `#busy`. */
  #again = false;
  #file: OpenFile | undefined;
  #rotation: FileRotation | undefined;
  readonly #compressions = new Set<Promise<void>>();
  #trouble: Trouble | undefined;
  /** What a failed rotation or compression was said of already. */
  #complained = false;

  /** `owner`: the service named in what is logged. `onUnused`: nobody writes to it any more, and it is closed. */
  constructor(plan: LogFilePlan, ground: LogFileGround, owner: string, onUnused: () => void) {
    this.#plan = plan;
    this.#ground = ground;
    this.#owner = owner;
    this.#onUnused = onUnused;
    this.#weave = new LineWeave(ground.clock, (bytes) => this.#take(bytes));
  }

  /** `onDrain`: called when what was held up may go on. */
  join(onDrain: () => void): LogSource {
    const streams = { stdout: {}, stderr: {} };
    const drained = (): void => onDrain();
    this.#sources.add(drained);
    return {
      write: (stream, bytes) => {
        this.#weave.push(streams[stream], bytes);
        const full = this.#trouble === undefined && this.#queue.size > HIGH_WATER;
        this.#drainWanted ||= full;
        return !full;
      },
      end: () => {
        if (!this.#sources.delete(drained)) return;
        this.#weave.end(streams.stdout);
        this.#weave.end(streams.stderr);
        if (this.#sources.size === 0) this.#weave.flush();
        this.#pump();
      },
    };
  }

  /**
   * Writes all that waits, with one more try where it could not be written, and leaves off what can wait for the next run. Resolves when there
   * is no more to be done.
   */
  async finish(): Promise<void> {
    this.#weave.flush();
    if (this.#trouble?.retry !== undefined) this.#retry();
    while (this.#busy !== undefined) await this.#busy;
    this.#rotation?.stop();
    await Promise.all(this.#compressions);
  }

  /** Bytes that have not reached the file so far. */
  get #unwritten(): number {
    return this.#queue.size + (this.#trouble?.lost ?? 0);
  }

  /** What has not been written by now is said to be lost. */
  abandon(): void {
    this.#ground.clock.clearTimeout(this.#trouble?.retry);
    this.#giveUp();
  }

  #take(bytes: Buffer): void {
    if (this.#trouble !== undefined && this.#queue.size > HIGH_WATER) this.#trouble.lost += bytes.length;
    else this.#queue.push(bytes);
    this.#pump();
  }

  #pump(): void {
    this.#again = this.#busy !== undefined;
    this.#busy ??= this.#work().finally(() => {
      this.#busy = undefined;
      if (this.#again) this.#pump();
    });
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    // not inside of the call that brought the bytes
    await Promise.resolve();
    while (this.#queue.size > 0 && this.#trouble?.retry === undefined) {
      try {
        await this.#writeSome();
      } catch (error) {
        this.#failed(error);
      }
      this.#tellDrained();
    }
    if (this.#isUsed()) return;
    await this.#close();
    if (!this.#isUsed() && this.#compressions.size === 0) this.#onUnused();
  }

  #isUsed(): boolean {
    return this.#sources.size > 0 || this.#queue.size > 0;
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle
      .close()
      .catch((error: unknown) => this.#complain(error, "the log file was closed with an error: its end may be missing"));
  }

  async #writeSome(): Promise<void> {
    const file = (this.#file ??= await this.#open());
    const batch = this.#queue.peek(Math.min(BATCH_BYTES, this.#untilRotation(file)));
    const { bytesWritten } = await this.#ground.writing.run(() => file.handle.writev(batch));
    const endsLine = endsWithNewline(batch, bytesWritten);
    this.#queue.drop(bytesWritten);
    file.size += bytesWritten;
    this.#worksAgain();
    if (file.size >= file.limit + MAX_LINE_BYTES || (file.size >= file.limit && endsLine)) await this.#rotate(file);
  }

  /** Up to the end of the line with which the limit is reached; a line without an end is cut. */
  #untilRotation({ size, limit }: OpenFile): number {
    const room = Math.max(1, limit - size);
    if (room > this.#queue.size) return room;
    return Math.min(this.#queue.lineEnd(room) ?? Number.POSITIVE_INFINITY, Math.max(1, limit + MAX_LINE_BYTES - size));
  }

  async #open(): Promise<OpenFile> {
    const path = await this.#plan.place();
    await makeFolder(dirname(path), FOLDER_MODE);
    // a pipe that nobody reads must not hold up a thread for ever
    const handle = await open(path, O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK, FILE_MODE);
    const found = await handle.stat();
    const { maxSize, keep } = this.#plan;
    // what is no file (a terminal, a pipe) has no parts
    if (!found.isFile() || maxSize === Number.POSITIVE_INFINITY) return { path, handle, size: 0, limit: Number.POSITIVE_INFINITY };
    this.#rotation ??= new FileRotation(path, keep);
    this.#compress(this.#rotation);
    return { path, handle, size: found.size, limit: maxSize };
  }

  async #rotate(file: OpenFile): Promise<void> {
    const rotation = this.#rotation;
    if (rotation === undefined) return;
    try {
      await rotation.rotate();
    } catch (error) {
      this.#complain(error, "the log file cannot be rotated: it grows on");
      file.limit = file.size + this.#plan.maxSize;
      return;
    }
    // by now it has another name; one of its own is made for the next byte
    await this.#close();
    this.#compress(rotation);
  }

  #compress(rotation: FileRotation): void {
    if (this.#plan.keep < 1) return;
    const compression = this.#ground.compressing
      .run(() => rotation.compress())
      .catch((error: unknown) => this.#complain(error, "an older part of the log file cannot be compressed: it stays as it is"))
      .finally(() => {
        this.#compressions.delete(compression);
        this.#pump();
      });
    this.#compressions.add(compression);
  }

  #complain(error: unknown, message: string): void {
    if (this.#complained) return;
    this.#complained = true;
    this.#ground.log.error({ service: this.#owner, err: error, hint: rightFor(error) }, message);
  }

  #failed(error: unknown): void {
    const { log, clock } = this.#ground;
    if (this.#trouble === undefined) {
      const path = this.#file?.path;
      log.error({ service: this.#owner, path, err: error, hint: rightFor(error) }, "the log file cannot be written; the service goes on");
    }
    void this.#close();
    if (this.#trouble !== undefined && this.#sources.size === 0) this.#giveUp();
    else {
      this.#trouble ??= { lost: 0, retry: undefined };
      this.#trouble.retry = clock.setTimeout(() => this.#retry(), RETRY_MS);
    }
  }

  #giveUp(): void {
    if (this.#unwritten === 0) return;
    this.#ground.log.error({ service: this.#owner, lost: this.#unwritten }, "output did not reach the log file");
    this.#queue.drop(this.#queue.size);
    this.#trouble = undefined;
  }

  #retry(): void {
    if (this.#trouble === undefined) return;
    this.#ground.clock.clearTimeout(this.#trouble.retry);
    this.#trouble.retry = undefined;
    this.#pump();
  }

  #worksAgain(): void {
    if (this.#trouble === undefined) return;
    const { lost } = this.#trouble;
    this.#trouble = undefined;
    this.#ground.log.warn({ service: this.#owner, path: this.#file?.path, lost }, "the log file is written again");
  }

  #tellDrained(): void {
    if (!this.#drainWanted || (this.#trouble === undefined && this.#queue.size > LOW_WATER)) return;
    this.#drainWanted = false;
    for (const drained of this.#sources) drained();
  }
}

/** Whether the first `size` bytes of a batch end with a newline. */
function endsWithNewline(batch: readonly Buffer[], size: number): boolean {
  let rest = size;
  for (const chunk of batch) {
    if (rest <= chunk.length) return chunk[rest - 1] === NEWLINE;
    rest -= chunk.length;
  }
  return false;
}
