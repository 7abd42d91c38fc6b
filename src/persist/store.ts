import type { Json } from "../model/json.ts";

/**
 * What is kept on disk: a map of text keys to json, changed by whole transactions.
 * Keys are made by the callers (`state NAME KEY`, `variable NAME`, `run INSTANCE`); the store does not read them.
 */
export interface StoreWrite {
  readonly key: string;
  /** undefined: the entry is gone. */
  readonly value: Json | undefined;
}

export interface Store {
  /** What was read at `open`, later writes included. */
  readonly entries: ReadonlyMap<string, Json>;
  /** Takes the writes of one transaction: all of them will be there after a crash, or none. Returns at once; on disk some milliseconds later, or by `flush`. */
  append(writes: readonly StoreWrite[]): void;
  /**
   * Resolves when everything appended before this call is on disk (one write serves all who wait).
   * Rejects with a `NotStoredError` where the disk refuses; the writes stay in memory and are tried again with the next flush.
   */
  flush(): Promise<void>;
  /** Flushes and closes. No call may follow. */
  close(): Promise<void>;
}
