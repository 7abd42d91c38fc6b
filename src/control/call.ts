import type { Batch } from "./batch.ts";
import type { Feed } from "./feed.ts";
import type { RequestId } from "./json-rpc.ts";
import type { FeedOpener } from "./methods.ts";
import type { MethodName } from "./protocol.ts";

const NONE: readonly Feed[] = [];

/** Where the answer to a call goes: a line of its own, or its place in a batch. */
export interface Place {
  readonly batch: Batch;
  readonly at: number;
}

/** A call that has been begun, and what it has opened. */
export class Call implements FeedOpener {
  /** undefined: it is a notification, which gets no answer. */
  readonly id: RequestId | undefined;
  readonly method: MethodName;
  readonly place: Place | undefined;
  feeds: readonly Feed[] = NONE;
  readonly #openFeed: (method: string, field: string) => Feed;

  constructor(id: RequestId | undefined, method: MethodName, place: Place | undefined, openFeed: (method: string, field: string) => Feed) {
    this.id = id;
    this.method = method;
    this.place = place;
    this.#openFeed = openFeed;
  }

  open(method: string, field: string): Feed {
    const feed = this.#openFeed(method, field);
    this.feeds = [...this.feeds, feed];
    return feed;
  }
}
