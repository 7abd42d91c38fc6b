import type { DaemonLog } from "../log/daemon-log.ts";
import type { Json } from "../model/json.ts";
import { encodeGroup, writeLine } from "./format.ts";
import { type FileStart, JournalFile } from "./journal-file.ts";
import { NotStoredError } from "./not-stored-error.ts";
import { Pending } from "./pending.ts";
import { writeSnapshot } from "./snapshot.ts";
import type { Store, StoreWrite } from "./store.ts";

/** A smaller file is never compacted. */
const COMPACT_BYTES = 1_024 * 1_024;
const COMPACT_RATIO = 4;
const RETRY_MS = 5_000;
/** How long what nobody waits for may wait for more: a chain of starts and ends would else be a write each. */
const UNAWAITED_MS = 5;

/** What reading the file gave. */
export interface JournalStart extends FileStart {
  readonly entries: Map<string, Json>;
  readonly sizes: Map<string, number>;
  readonly live: number;
}

/**
 * The store on an append-only file, by group commit.
 *
 * What was appended waits in memory, for some milliseconds where nobody waits for it; a commit writes all of it as one group, durably, and all who wait share it. One commit runs at a time, and the next
 * begins as soon as it is over, with all that has come until the loop has turned: so many who wait cost the disk two writes, and not one each.
 */
export class Journal implements Store {
  readonly #log: DaemonLog;
  readonly #entries: Map<string, Json>;
  /** Bytes that each entry would take in a fresh file, and their sum. */
  readonly #sizes: Map<string, number>;
  #live: number;
  /** Used in `#exclusive` only. */
  readonly #file: JournalFile;
  readonly #pending = new Pending();
  #busy: Promise<unknown> = Promise.resolve();
  #upcoming: Promise<void> | undefined;
  #due: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #refused = false;
  /** Groups written since the snapshot of a running compaction; undefined: none runs. */
  #sinceSnapshot: Buffer[] | undefined;
  #compaction: Promise<void> = Promise.resolve();
  /** No compaction before the file is larger than this. */
  #compactAt = COMPACT_BYTES;
  #closing = false;

  constructor(path: string, log: DaemonLog, start: JournalStart) {
    this.#log = log;
    this.#entries = start.entries;
    this.#sizes = start.sizes;
    this.#live = start.live;
    this.#file = new JournalFile(path, start);
    if (this.#compactionDue()) this.#startCompaction([...this.#entries]);
  }

  get entries(): ReadonlyMap<string, Json> {
    return this.#entries;
  }

  append(writes: readonly StoreWrite[]): void {
    for (const { key, value } of writes) {
      if (value === undefined) this.#remove(key);
      else this.#put(key, value);
    }
    if (this.#upcoming !== undefined || this.#due !== undefined || this.#pending.empty) return;
    this.#due = setTimeout(() => void this.flush().catch(() => {}), UNAWAITED_MS); // told by #commit
  }

  #put(key: string, value: Json): void {
    const line = writeLine({ key, value });
    this.#live += line.length - (this.#sizes.get(key) ?? 0);
    this.#entries.set(key, value);
    this.#sizes.set(key, line.length);
    this.#pending.add(key, line);
  }

  /** What is not there needs no line that says so. */
  #remove(key: string): void {
    if (!this.#entries.delete(key)) return;
    this.#live -= this.#sizes.get(key) ?? 0;
    this.#sizes.delete(key);
    this.#pending.add(key, undefined);
  }

  flush(): Promise<void> {
    this.#upcoming ??= this.#exclusive(async () => {
      await loopTurned();
      clearTimeout(this.#due);
      this.#due = undefined;
      this.#upcoming = undefined;
      return this.#commit();
    });
    return this.#upcoming;
  }

  async close(): Promise<void> {
    this.#closing = true;
    try {
      await this.flush();
    } finally {
      await this.#compaction;
      clearTimeout(this.#retry);
      await this.#file.close();
    }
  }

  async #commit(): Promise<void> {
    if (this.#pending.empty) return;
    const taken = this.#pending.take();
    // Taken together with what is being written, so that what comes later is exactly what comes after it.
    const snapshot = this.#compactionDue() ? [...this.#entries] : undefined;
    try {
      const group = encodeGroup(taken.text());
      await this.#file.append(group);
      this.#sinceSnapshot?.push(group);
      if (this.#refused) this.#log.info({ path: this.#file.path }, "stored again: the disk takes what was refused before");
      this.#refused = false;
    } catch (cause) {
      this.#pending.restore(taken);
      throw this.#refusal(cause);
    }
    if (snapshot !== undefined) this.#startCompaction(snapshot);
  }

  #refusal(cause: unknown): NotStoredError {
    const { path } = this.#file;
    const error = new NotStoredError(path, cause);
    // a disk that refuses is no fault in Rind, so nobody needs to read where in it that was heard
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (!this.#refused) this.#log.error({ reason, path }, "not stored: it stands in memory and is tried again");
    this.#refused = true;
    if (this.#retry === undefined && !this.#closing) {
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.flush().catch(() => {}); // told above
      }, RETRY_MS).unref();
    }
    return error;
  }

  #compactionDue(): boolean {
    const free = this.#sinceSnapshot === undefined && this.#file.isClaimed && !this.#closing;
    return free && this.#file.end > Math.max(this.#compactAt, COMPACT_RATIO * this.#live);
  }

  #startCompaction(snapshot: readonly (readonly [string, Json])[]): void {
    this.#sinceSnapshot = [];
    this.#compaction = this.#compact(snapshot).then(
      () => {
        this.#compactAt = COMPACT_BYTES;
      },
      (err: unknown) => {
        // Not before the file has grown by half: it would fail again.
        this.#compactAt = this.#file.end * 1.5;
        this.#log.warn({ err, path: this.#file.path }, "the state file could not be compacted; it grows on");
      },
    );
  }

  async #compact(snapshot: readonly (readonly [string, Json])[]): Promise<void> {
    try {
      const fresh = await writeSnapshot(`${this.#file.path}.new`, snapshot, () => this.#closing);
      if (fresh !== undefined) await this.#exclusive(() => this.#file.replace(fresh, this.#sinceSnapshot ?? []));
    } finally {
      this.#sinceSnapshot = undefined;
    }
  }

  #exclusive<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#busy.then(task);
    this.#busy = result.catch(() => {}); // whoever asked for it hears of it
    return result;
  }
}

function loopTurned(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
