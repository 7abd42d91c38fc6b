import { bytesPassed } from "../log/spent-buffers.ts";

/** Where a feed writes to. */
export interface FeedSink {
  /** Whether the reader keeps up: what waits for it is below the limit. */
  hasRoom(): boolean;
  notify(method: string, params: string): void;
}

/** How much may wait for a reader that is behind, beside what the socket itself holds. In UTF-16 units of json. */
const WAITING_LIMIT = 1024 * 1024;
const BATCH_SIZE = 64 * 1024;
/** What may wait before whoever can wait should. */
const ENOUGH = 2 * BATCH_SIZE;

/**
 * One subscription of one client. Owns what happens when the reader is slower than the events: up to a limit they wait,
 * after that the newest are dropped and counted, and the reader is told how many it missed, at the place where they are missing.
 * Nothing is sent before `open`: the answer with the number of the subscription goes first.
 */
export class Feed {
  readonly subscription: number;
  readonly #sink: FeedSink;
  readonly #method: string;
  readonly #field: string;
  /** Items as json, in order; a number stands for so many that are missing here. */
  #waiting: (string | number)[] = [];
  #size = 0;
  #opened = false;
  #closed = false;
  #room: Promise<void> | undefined;
  #onRoom: () => void = () => {};
  #onClose: (() => void) | undefined;

  constructor(sink: FeedSink, subscription: number, method: string, field: string) {
    this.subscription = subscription;
    this.#sink = sink;
    this.#method = method;
    this.#field = field;
  }

  /** Says how to end what feeds this. */
  onClose(release: () => void): void {
    this.#onClose = release;
  }

  /** Takes all of `items`, however many: what the client asked for, and not what came while it was slow. */
  preload(items: readonly object[]): void {
    for (const item of items) this.#append(JSON.stringify(item));
  }

  /**
   * Takes what happened now; `missed`: so many before these are lost already. Answers with a promise where enough waits; it is fulfilled when
   * there is room again.
   */
  offer(items: readonly object[], missed = 0): Promise<void> | undefined {
    if (this.#closed) return undefined;
    this.#miss(missed);
    for (const item of items) {
      if (this.#size > WAITING_LIMIT) this.#miss(1);
      else this.#append(JSON.stringify(item));
    }
    this.pump();
    if (this.#size <= ENOUGH) return undefined;
    this.#room ??= new Promise((resolve) => {
      this.#onRoom = resolve;
    });
    return this.#room;
  }

  open(): void {
    this.#opened = true;
    this.pump();
  }

  /** Sends what waits, as far as the reader has room. */
  pump(): void {
    if (!this.#opened || this.#closed) return;
    while (this.#waiting.length > 0 && this.#sink.hasRoom()) this.#sendBatch();
    if (this.#size > ENOUGH || this.#room === undefined) return;
    this.#room = undefined;
    this.#onRoom();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = [];
    this.#onClose?.();
  }

  #append(json: string): void {
    this.#waiting.push(json);
    this.#size += json.length;
  }

  #miss(count: number): void {
    if (count === 0) return;
    const last = this.#waiting.at(-1);
    if (typeof last === "number") this.#waiting[this.#waiting.length - 1] = last + count;
    else this.#waiting.push(count);
  }

  #sendBatch(): void {
    let end = 0;
    let size = 0;
    let missed = 0;
    const items: string[] = [];
    for (const item of this.#waiting) {
      if (typeof item === "number") {
        if (items.length > 0) break;
        missed += item;
      } else {
        if (size >= BATCH_SIZE) break;
        items.push(item);
        size += item.length;
      }
      end += 1;
    }
    this.#waiting.splice(0, end);
    this.#size -= size;
    const params = `{"subscription":${this.subscription},"missed":${missed},"${this.#field}":[${items.join(",")}]}`;
    this.#sink.notify(this.#method, params);
    bytesPassed(params.length);
  }
}
