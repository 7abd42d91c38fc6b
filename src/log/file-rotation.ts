import { createWriteStream } from "node:fs";
import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** Logs of others are nobody's business: the owner's, and the group's. */
export const FILE_MODE = 0o640;

/** A part that is being compressed; `index` follows what rotations make of its name. */
interface Part {
  index: number;
  readonly source: FileHandle;
}

/**
 * The older parts of a log file: `x.log.1` is the newest, `.gz` where it is compressed, and no number is greater than `keep`.
 *
 * A part is renamed first and compressed afterwards, beside the writing: however fast a service prints, the disk holds no more than `keep`
 * parts, and those that are pushed out before their turn are never compressed. A crash loses nothing: what has not become a whole `.gz` is
 * still there without it, and its turn comes with the next `compress`.
 */
export class FileRotation {
  readonly #path: string;
  readonly #keep: number;
  /** Renames of two at once would tread on each other. */
  #last: Promise<unknown> = Promise.resolve();
  #compressing: Part | undefined;
  readonly #abort = new AbortController();

  constructor(path: string, keep: number) {
    this.#path = path;
    this.#keep = keep;
  }

  /** Makes `x.log` the newest of the older parts; there is no `x.log` afterwards. It must not be written to any more. */
  rotate(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#keep < 1) {
        await rm(this.#path, { force: true });
        return;
      }
      const parts = (await this.#parts()).sort((a, b) => b.index - a.index);
      for (const { index, suffix } of parts) {
        const from = `${this.#path}.${index}${suffix}`;
        if (index >= this.#keep) await rm(from, { force: true });
        else await rename(from, `${this.#path}.${index + 1}${suffix}`);
      }
      if (this.#compressing !== undefined) this.#compressing.index += 1;
      await rename(this.#path, `${this.#path}.1`);
    });
  }

  /** Compresses every part that is not yet, the newest first. Resolves when there is none left, or when `stop` was called. */
  async compress(): Promise<void> {
    while (this.#compressing === undefined && !this.#abort.signal.aborted) {
      const compressing = await this.#inTurn(() => this.#begin());
      if (compressing === undefined) return;
      try {
        await this.#squeeze(compressing);
      } finally {
        this.#compressing = undefined;
        await compressing.source.close();
      }
    }
  }

  /** Leaves off compressing; it is made up for at the next `compress` of whoever follows. */
  stop(): void {
    this.#abort.abort();
  }

  async #begin(): Promise<Part | undefined> {
    if (this.#compressing !== undefined) return undefined;
    const plain = (await this.#parts()).filter(({ suffix }) => suffix === "").map(({ index }) => index);
    if (plain.length === 0) return undefined;
    const index = Math.min(...plain);
    this.#compressing = { index, source: await open(`${this.#path}.${index}`) };
    return this.#compressing;
  }

  /** While this runs, a rotation may rename the part, or remove it: what is open stays open. */
  async #squeeze(part: Part): Promise<void> {
    const half = `${this.#path}.gz.part`;
    const { signal } = this.#abort;
    try {
      await pipeline(
        part.source.createReadStream({ autoClose: false }),
        createGzip(),
        // a part is what its service printed: no more people may read it than the file itself
        createWriteStream(half, { mode: FILE_MODE }),
        { signal },
      );
      const handle = await open(half);
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
      await this.#inTurn(async () => {
        const whole = `${this.#path}.${part.index}`;
        if (part.index > this.#keep) return;
        await rename(half, `${whole}.gz`);
        await rm(whole, { force: true });
      });
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await rm(half, { force: true });
    }
  }

  async #parts(): Promise<{ readonly index: number; readonly suffix: "" | ".gz" }[]> {
    const start = `${basename(this.#path)}.`;
    const names = await readdir(dirname(this.#path));
    return names.flatMap((name) => {
      if (!name.startsWith(start)) return [];
      const [, digits, suffix] = /^([1-9]\d{0,8})(\.gz)?$/.exec(name.slice(start.length)) ?? [];
      const index = Number(digits);
      // a greater number is not of this rotation's making: the date of another's, say
      return digits === undefined || index > this.#keep ? [] : [{ index, suffix: suffix === undefined ? "" : ".gz" }];
    });
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act, act);
    this.#last = done.catch(() => {});
    return done;
  }
}
