import type { Socket } from "node:net";
import { DeniedError, RindError } from "../errors/rind-error.ts";
import { nearestName } from "../lib/nearest-name.ts";
import type { Json } from "../model/json.ts";
import type { ControlApi } from "./api.ts";
import { Feed, type FeedSink } from "./feed.ts";
import { FrameReader } from "./frame-reader.ts";
import { callError, errorAnswer, protocolError, readRequest, type Request, type RpcError, resultAnswer } from "./json-rpc.ts";
import { METHODS, ParamsError } from "./methods.ts";
import { FRAME_LIMIT, type MethodName, RpcCode } from "./protocol.ts";

/** While more than this waits to be sent to a client, nothing more is read from it and its feeds hold. */
const SEND_LIMIT = 256 * 1024;
const CALLS_AT_ONCE = 256;
const BATCH_LIMIT = 1_000;
/** How long a connection that ends waits for the client to have read its answer. */
const LINGER_MS = 2_000;
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** Told of errors that are no `RindError`: mistakes in Rind, which the client sees as "internal error". */
export type OnFault = (error: unknown) => void;

/** What a connection needs beside its socket. */
export interface ConnectionSide {
  /** As it is for this client. */
  readonly api: ControlApi;
  readonly onFault: OnFault;
  /** Told of each call that this client had no right to. */
  readonly onDenied?: (method: MethodName, error: DeniedError) => void;
}

/**
 * One client. Owns that nothing a client sends or fails to read costs anyone but itself: input that cannot be read gets an
 * answer, a frame over the limit ends this connection, a slow reader is not read from, and what it subscribed to is
 * released when it goes. Calls are begun in the order in which they came; answers come as they are ready.
 */
export class Connection implements FeedSink {
  readonly #socket: Socket;
  readonly #side: ConnectionSide;
  readonly #frames = new FrameReader();
  readonly #feeds = new Set<Feed>();
  #calls = 0;
  #subscriptions = 0;
  #inputEnded = false;
  #closing = false;
  #pumping = false;

  constructor(socket: Socket, side: ConnectionSide) {
    this.#socket = socket;
    this.#side = side;
    socket.on("data", (chunk) => {
      if (this.#closing) return;
      this.#frames.push(chunk);
      this.#pump();
    });
    socket.on("drain", () => {
      for (const feed of this.#feeds) feed.pump();
      this.#pump();
    });
    socket.on("end", () => {
      this.#inputEnded = true;
      this.#pump();
    });
    // A client that breaks off is its own affair; "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => this.#release());
  }

  hasRoom(): boolean {
    return this.#socket.writableLength < SEND_LIMIT;
  }

  notify(method: string, params: string): void {
    this.#write(`{"jsonrpc":"2.0","method":"${method}","params":${params}}`);
  }

  /** Takes no more calls, and ends the connection when those that run have been answered, or after a short while. */
  close(): void {
    this.#finish();
    this.#destroySoon();
  }

  #finish(): void {
    this.#closing = true;
    this.#release();
    this.#endWhenIdle();
  }

  #destroySoon(): void {
    setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
  }

  #pump(): void {
    if (this.#pumping || this.#closing) return;
    this.#pumping = true;
    let blocked = this.#isBlocked();
    while (!blocked && !this.#closing) {
      const frame = this.#frames.next();
      if (frame === undefined) break;
      if (frame.kind === "too-long") this.#refuse();
      else this.#take(frame.bytes);
      blocked = this.#isBlocked();
    }
    this.#pumping = false;
    if (blocked) {
      this.#socket.pause();
      return;
    }
    this.#socket.resume();
    if (this.#inputEnded && !this.#closing) this.#takeRest();
  }

  #isBlocked(): boolean {
    return this.#calls >= CALLS_AT_ONCE || !this.hasRoom();
  }

  /** The client has said its last word: what it asked is answered still, what it followed ends. */
  #takeRest(): void {
    const rest = this.#frames.rest();
    if (rest.length > 0) this.#take(rest);
    this.#finish();
  }

  #refuse(): void {
    const hint = `a message may have up to ${FRAME_LIMIT} bytes, a payload up to 1 MiB`;
    this.#write(errorAnswer(null, protocolError(RpcCode.badRequest, "the message is too long", hint)));
    this.#finish();
  }

  #take(bytes: Buffer): void {
    let message: Json;
    try {
      const text = UTF8.decode(bytes);
      if (text.trim() === "") return;
      message = JSON.parse(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#write(errorAnswer(null, protocolError(RpcCode.badJson, `not json: ${reason}`, "one json text per line, in UTF-8")));
      return;
    }
    this.#calls += 1;
    void this.#answer(message).finally(() => {
      this.#calls -= 1;
      if (this.#closing) this.#endWhenIdle();
      else this.#pump();
    });
  }

  /** Never rejects. */
  async #answer(message: Json): Promise<void> {
    if (!Array.isArray(message)) {
      const opened: Feed[] = [];
      this.#write(await this.#call(readRequest(message), opened));
      for (const feed of opened) feed.open();
      return;
    }
    if (message.length === 0 || message.length > BATCH_LIMIT) {
      this.#write(errorAnswer(null, protocolError(RpcCode.badRequest, `a batch has 1 to ${BATCH_LIMIT} requests`)));
      return;
    }
    const opened: Feed[] = [];
    const answers = await Promise.all(message.map((item) => this.#call(readRequest(item), opened)));
    const sent = answers.filter((answer) => answer !== undefined);
    if (sent.length > 0) this.#write(`[${sent.join(",")}]`);
    for (const feed of opened) feed.open();
  }

  /** The answer as text; undefined for a notification. Never rejects. */
  async #call(request: Request, opened: Feed[]): Promise<string | undefined> {
    if (request.kind === "bad") return errorAnswer(request.id, protocolError(RpcCode.badRequest, request.message));
    const { id, method } = request;
    const fail = (error: RpcError): string | undefined => (id === undefined ? undefined : errorAnswer(id, error));
    if (!isMethod(method)) return fail(unknownMethod(method));
    const made: Feed[] = [];
    try {
      const result = await METHODS[method](this.#side.api, request.params, (name, field) => {
        const feed = this.#openFeed(name, field);
        made.push(feed);
        return feed;
      });
      opened.push(...made);
      return id === undefined ? undefined : resultAnswer(id, result);
    } catch (error) {
      for (const feed of made) this.#drop(feed);
      if (error instanceof ParamsError) return fail(badParams(method, error));
      if (error instanceof DeniedError) this.#side.onDenied?.(method, error);
      if (!(error instanceof RindError)) this.#side.onFault(error);
      return fail(callError(error));
    }
  }

  #openFeed(method: string, field: string): Feed {
    this.#subscriptions += 1;
    const feed = new Feed(this, this.#subscriptions, method, field);
    if (this.#closing) feed.close();
    else this.#feeds.add(feed);
    return feed;
  }

  #drop(feed: Feed): void {
    feed.close();
    this.#feeds.delete(feed);
  }

  #write(text: string | undefined): void {
    if (text !== undefined && this.#socket.writable) this.#socket.write(`${text}\n`);
  }

  #endWhenIdle(): void {
    if (this.#calls > 0) return;
    this.#socket.end();
    this.#destroySoon();
    // Unread input would make the kernel reset the connection, and the client might lose its answer: read it to nowhere.
    this.#socket.resume();
  }

  #release(): void {
    for (const feed of this.#feeds) this.#drop(feed);
  }
}

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name);
}

function unknownMethod(method: string): RpcError {
  const near = nearestName(method, Object.keys(METHODS));
  const hint = near === undefined ? `methods are: ${Object.keys(METHODS).join(", ")}` : `did you mean ${near}?`;
  return protocolError(RpcCode.unknownMethod, `unknown method "${method.slice(0, 100)}"`, hint);
}

function badParams(method: string, error: ParamsError): RpcError {
  return protocolError(RpcCode.badParams, `${method}: ${error.message}`, error.hint);
}
