import type { Json } from "../../src/model/json.ts";
import type { Store, StoreWrite } from "../../src/persist/store.ts";

/** A store without a disk; `reopened` is what a crash at this moment would leave. */
export class MemoryStore implements Store {
  readonly entries: Map<string, Json>;
  /** Set to make the next flushes fail. */
  refusal: Error | undefined;

  constructor(entries: Iterable<readonly [string, Json]> = []) {
    this.entries = new Map(entries);
  }

  append(writes: readonly StoreWrite[]): void {
    for (const { key, value } of writes) {
      if (value === undefined) this.entries.delete(key);
      else this.entries.set(key, value);
    }
  }

  flush(): Promise<void> {
    return this.refusal === undefined ? Promise.resolve() : Promise.reject(this.refusal);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  reopened(): MemoryStore {
    return new MemoryStore(structuredClone([...this.entries]));
  }
}
