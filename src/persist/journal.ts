import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { DaemonLog } from "../log/daemon-log.ts";
import type { Json } from "../model/json.ts";
import type { Claim } from "./claim.ts";
import { syncFolder, writeAt } from "./disk.ts";
import { encodeGroup, HEADER, writeLine } from "./format.ts";
import { NotStoredError } from "./not-stored-error.ts";
import { Pending } from "./pending.ts";
import { writeSnapshot } from "./snapshot.ts";
import type { Store, StoreWrite } from "./store.ts";

/** A smaller file is never compacted. */
const COMPACT_BYTES = 1_024 * 1_024;
const COMPACT_RATIO = 4;
const RETRY_MS = 5_000;

/**
 * The store on an append-only file, by group commit.
 *
 * What was appended waits in memory; a commit writes all of it as one group and makes that durable by one fdatasync, and all who wait share it. Up to
 * `#end` the file is whole and durable; whatever a commit that failed left after it is cut off before the next one. A failed fdatasync
 * counts as nothing written: the kernel forgets such pages, so the group is written anew. Nothing is written but in `#exclusive`.
 */
export class Journal implements Store {
  readonly #path: string;
  readonly #log: DaemonLog;
  readonly #entries: Map<string, Json>;
  /** Bytes that each entry would take in a fresh file, and their sum. */
  readonly #sizes: Map<string, number>;
  #live: number;
  readonly #claimLater: () => Promise<Claim>;
  #claim: Claim | undefined;
  #file: FileHandle | undefined;
  #end: number;
  /** There may be something after `#end`. */
  #dirty = true;
  /** The name of the file may not be durable yet. */
  #renamed = true;
  readonly #pending = new Pending();
  #busy: Promise<unknown> = Promise.resolve();
  #upcoming: Promise<void> | undefined;
  #soon: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;
  #refused = false;
  /** Groups written since the snapshot of a running compaction; undefined: none runs. */
  #sinceSnapshot: Buffer[] | undefined;
  #compaction: Promise<void> = Promise.resolve();
  /** No compaction before the file is larger than this. */
  #compactAt = COMPACT_BYTES;
  #closing = false;

  constructor(path: string, log: DaemonLog, start: JournalStart) {
    this.#path = path;
    this.#log = log;
    this.#entries = start.entries;
    this.#sizes = start.sizes;
    this.#live = start.live;
    this.#end = start.end;
    this.#claim = start.claim;
    this.#claimLater = start.claimLater;
    if (this.#compactionDue()) this.#startCompaction([...this.#entries]);
  }

  get entries(): ReadonlyMap<string, Json> {
    return this.#entries;
  }

  append(writes: readonly StoreWrite[]): void {
    for (const { key, value } of writes) {
      const line = value === undefined ? undefined : writeLine({ key, value });
      this.#live -= this.#sizes.get(key) ?? 0;
      if (line === undefined || value === undefined) {
        this.#entries.delete(key);
        this.#sizes.delete(key);
      } else {
        this.#entries.set(key, value);
        this.#sizes.set(key, line.length);
        this.#live += line.length;
      }
      this.#pending.add(key, line);
    }
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.flush().catch(() => {}); // told by #commit
    });
  }

  flush(): Promise<void> {
    this.#upcoming ??= this.#exclusive(() => {
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
      clearImmediate(this.#soon);
      clearTimeout(this.#retry);
      await this.#file?.close();
      await this.#claim?.release();
    }
  }

  async #commit(): Promise<void> {
    if (this.#pending.empty) return;
    const taken = this.#pending.take();
    // Taken together with what is being written, so that what comes later is exactly what comes after it.
    const snapshot = this.#compactionDue() ? [...this.#entries] : undefined;
    try {
      const group = encodeGroup(taken.text());
      await this.#write(group);
      this.#sinceSnapshot?.push(group);
      if (this.#refused) this.#log.info({ path: this.#path }, "stored again: the disk takes what was refused before");
      this.#refused = false;
    } catch (cause) {
      this.#pending.restore(taken);
      throw this.#refusal(cause);
    }
    if (snapshot !== undefined) this.#startCompaction(snapshot);
  }

  #refusal(cause: unknown): NotStoredError {
    const error = new NotStoredError(this.#path, cause);
    // a disk that refuses is no fault in Rind, so nobody needs to read where in it that was heard
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (!this.#refused) this.#log.error({ reason, path: this.#path }, "not stored: it stands in memory and is tried again");
    this.#refused = true;
    if (this.#retry === undefined && !this.#closing) {
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.flush().catch(() => {}); // told above
      }, RETRY_MS).unref();
    }
    return error;
  }

  async #write(group: Buffer): Promise<void> {
    const file = await this.#ready();
    const bytes = this.#end === 0 ? Buffer.concat([HEADER, group]) : group;
    this.#dirty = true;
    await writeAt(file, bytes, this.#end);
    await file.datasync();
    await this.#syncName();
    this.#dirty = false;
    this.#end += bytes.length;
  }

  /** The file, with nothing after its whole groups. */
  async #ready(): Promise<FileHandle> {
    this.#claim ??= await this.#claimLater();
    this.#file ??= await open(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600);
    if (this.#dirty) await this.#file.truncate(this.#end);
    this.#dirty = false;
    return this.#file;
  }

  #compactionDue(): boolean {
    const free = this.#sinceSnapshot === undefined && this.#claim !== undefined && !this.#closing;
    return free && this.#end > Math.max(this.#compactAt, COMPACT_RATIO * this.#live);
  }

  #startCompaction(snapshot: readonly (readonly [string, Json])[]): void {
    this.#sinceSnapshot = [];
    this.#compaction = this.#compact(snapshot).then(
      () => {
        this.#compactAt = COMPACT_BYTES;
      },
      (err: unknown) => {
        // Not before the file has grown by half: it would fail again.
        this.#compactAt = this.#end * 1.5;
        this.#log.warn({ err, path: this.#path }, "the state file could not be compacted; it grows on");
      },
    );
  }

  async #compact(snapshot: readonly (readonly [string, Json])[]): Promise<void> {
    try {
      const fresh = await writeSnapshot(`${this.#path}.new`, snapshot, () => this.#closing);
      if (fresh === undefined) return;
      await this.#exclusive(async () => {
        const { file, end } = await fresh.replace(this.#path, this.#sinceSnapshot ?? []);
        const old = this.#file;
        this.#file = file;
        this.#end = end;
        this.#dirty = false;
        this.#renamed = true;
        await old?.close();
        await this.#syncName();
      });
    } finally {
      this.#sinceSnapshot = undefined;
    }
  }

  async #syncName(): Promise<void> {
    if (!this.#renamed) return;
    await syncFolder(this.#path);
    this.#renamed = false;
  }

  #exclusive<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#busy.then(task);
    this.#busy = result.catch(() => {}); // whoever asked for it hears of it
    return result;
  }
}

/** What reading the file gave. */
export interface JournalStart {
  readonly entries: Map<string, Json>;
  readonly sizes: Map<string, number>;
  readonly live: number;
  /** Where the last whole group ends; 0: the file has none, or is not there. */
  readonly end: number;
  /** undefined: the folder cannot be written now, and `claimLater` is to be called before the first write. */
  readonly claim: Claim | undefined;
  /** Claims the file and cleans up what was found damaged. */
  readonly claimLater: () => Promise<Claim>;
}
