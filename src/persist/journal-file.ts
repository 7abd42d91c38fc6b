import { constants } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import type { Claim } from "./claim.ts";
import { syncFolder, writeAt } from "./disk.ts";
import { HEADER } from "./format.ts";
import type { Snapshot } from "./snapshot.ts";

/** Zeros that are written after a group which does not fit into those before it: over them the next ones need no change of the file's size on disk. */
const ROOM_BYTES = 64 * 1_024;
/** A write that returns is durable. */
const FLAGS = constants.O_RDWR | constants.O_DSYNC;

/** Where a journal file stands when it is opened. */
export interface FileStart {
  /** Where the last whole group ends; 0: the file has none, or is not there. */
  readonly end: number;
  /** undefined: the folder cannot be written now, and `claimLater` is to be called before the first write. */
  readonly claim: Claim | undefined;
  /** Claims the file and cleans up what was found damaged. */
  readonly claimLater: () => Promise<Claim>;
}

/**
 * The file of a journal, one group after the other.
 *
 * Up to `end` it is whole and durable. After that come zeros, or whatever a write that failed has left, which is cut off before the next one. A write
 * that failed counts as nothing written, wherever it failed: the kernel forgets such pages. Nothing may be called before the last call has ended.
 */
export class JournalFile {
  readonly #path: string;
  readonly #claimLater: () => Promise<Claim>;
  #claim: Claim | undefined;
  #file: FileHandle | undefined;
  #end: number;
  /** From `#end` to here are zeros; undefined: what is there is not known. */
  #roomEnd: number | undefined;
  /** The name of the file may not be durable yet. */
  #renamed = true;

  constructor(path: string, { end, claim, claimLater }: FileStart) {
    this.#path = path;
    this.#end = end;
    this.#claim = claim;
    this.#claimLater = claimLater;
  }

  get path(): string {
    return this.#path;
  }

  get end(): number {
    return this.#end;
  }

  get isClaimed(): boolean {
    return this.#claim !== undefined;
  }

  /** Resolves when the group is durable. */
  async append(group: Buffer): Promise<void> {
    const bytes = this.#end === 0 ? Buffer.concat([HEADER, group]) : group;
    const file = await this.#ready();
    const end = this.#end + bytes.length;
    const roomEnd = this.#roomEnd ?? this.#end;
    this.#roomEnd = undefined;
    if (end <= roomEnd) await writeAt(file, bytes, this.#end);
    const after = end <= roomEnd ? roomEnd : await this.#appendWithRoom(file, bytes);
    if (this.#renamed) await this.#syncName();
    this.#roomEnd = after;
    this.#end = end;
  }

  /** The end of the room. Where the disk has too little for that, it may have enough for the group. */
  async #appendWithRoom(file: FileHandle, bytes: Buffer): Promise<number> {
    try {
      await writeAt(file, Buffer.concat([bytes, Buffer.alloc(ROOM_BYTES)]), this.#end);
      return this.#end + bytes.length + ROOM_BYTES;
    } catch {
      await file.truncate(this.#end);
      await writeAt(file, bytes, this.#end);
      return this.#end + bytes.length;
    }
  }

  /** The snapshot takes the place of the file; `since`: the groups written after its entries were taken. Where that fails, nothing is left of it. */
  async replace(snapshot: Snapshot, since: readonly Buffer[]): Promise<void> {
    let fresh: FileHandle | undefined;
    let end: number;
    try {
      end = await snapshot.finish(since);
      fresh = await open(snapshot.path, FLAGS);
      await rename(snapshot.path, this.#path);
    } catch (error) {
      await fresh?.close();
      await snapshot.discard();
      throw error;
    }
    const old = this.#file;
    this.#file = fresh;
    this.#end = end;
    this.#roomEnd = end;
    this.#renamed = true;
    await old?.close();
    await this.#syncName();
  }

  /** Leaves nothing after `end`. */
  async close(): Promise<void> {
    try {
      if (this.#roomEnd !== undefined && this.#roomEnd > this.#end) await this.#file?.truncate(this.#end);
    } finally {
      await this.#file?.close();
      this.#claim?.release();
    }
  }

  /** The file, with nothing but zeros after its whole groups. */
  async #ready(): Promise<FileHandle> {
    this.#claim ??= await this.#claimLater();
    this.#file ??= await open(this.#path, FLAGS | constants.O_CREAT, 0o600);
    if (this.#roomEnd === undefined) await this.#file.truncate(this.#end);
    return this.#file;
  }

  async #syncName(): Promise<void> {
    await syncFolder(this.#path);
    this.#renamed = false;
  }
}
