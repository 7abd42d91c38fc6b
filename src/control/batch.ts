import type { Json } from "../model/json.ts";
import type { Feed } from "./feed.ts";
import { errorAnswer, protocolError, readRequest, type Request } from "./json-rpc.ts";
import { RpcCode } from "./protocol.ts";

/** In UTF-16 units of json. What a client is told for one frame has to be held until all of it is there. */
const ANSWERS_LIMIT = 2 * 1024 * 1024;

/** One frame with several requests: they are begun one by one, and answered in one line, in their order, when all have been answered. */
export class Batch {
  readonly #items: readonly Json[];
  readonly #answers: (string | undefined)[] = [];
  readonly #feeds: Feed[] = [];
  #begun = 0;
  #answered = 0;
  #size = 0;

  constructor(items: readonly Json[]) {
    this.#items = items;
  }

  /** The next request, and its place; undefined: all have been begun. */
  next(): { readonly request: Request; readonly at: number } | undefined {
    const at = this.#begun;
    const item = this.#items[at];
    if (item === undefined) return undefined;
    this.#begun += 1;
    return { request: readRequest(item), at };
  }

  put(at: number, answer: string | undefined, opened: readonly Feed[]): void {
    this.#answers[at] = answer;
    this.#feeds.push(...opened);
    this.#answered += 1;
    this.#size += answer?.length ?? 0;
  }

  /** Whether its answers have become so long that nothing more of it is to be begun. */
  get isTooLong(): boolean {
    return this.#size > ANSWERS_LIMIT;
  }

  /** Answers what has not been begun with this. */
  refuseRest(message: string, hint: string): void {
    const error = protocolError(RpcCode.badRequest, message, hint);
    for (let next = this.next(); next !== undefined; next = this.next()) {
      const { request, at } = next;
      this.put(at, request.id === undefined ? undefined : errorAnswer(request.id, error), []);
    }
  }

  /** What is to be sent when all have been answered; undefined: some have not. */
  result(): { readonly text: string | undefined; readonly opened: readonly Feed[] } | undefined {
    if (this.#answered < this.#items.length) return undefined;
    const texts = this.#answers.filter((answer) => answer !== undefined);
    return { text: texts.length === 0 ? undefined : `[${texts.join(",")}]`, opened: this.#feeds };
  }
}
