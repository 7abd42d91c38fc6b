import type { Socket } from "node:net";
import { DeniedError, RejectedError, RindError } from "../errors/rind-error.ts";
import { nearestName } from "../lib/nearest-name.ts";
import type { Json } from "../model/json.ts";
import type { ControlApi } from "./api.ts";
import { Batch } from "./batch.ts";
import { Feed, type FeedSink } from "./feed.ts";
import { FrameReader } from "./frame-reader.ts";
import { callError, errorAnswer, protocolError, readRequest, type Request, type RpcError, resultAnswer } from "./json-rpc.ts";
import { METHODS, ParamsError } from "./methods.ts";
import { FRAME_LIMIT, type MethodName, RpcCode } from "./protocol.ts";

/** While more than this waits to be sent to a client, nothing more is read from it and its feeds hold. */
const SEND_LIMIT = 256 * 1024;
const CALLS_AT_ONCE = 256;
const BATCH_LIMIT = 1_000;
const SUBSCRIPTIONS = 16;
/** How long one client is served before the others, and what the daemon has to do beside, have their turn. */
const TURN_MS = 2;
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
 * released when it goes; who asks for much is served in turns. Calls are begun in the order in which they came; answers come as they are ready.
 */
export class Connection implements FeedSink {
  readonly #socket: Socket;
  readonly #side: ConnectionSide;
  readonly #frames = new FrameReader();
  readonly #feeds = new Set<Feed>();
  /** Calls of it are still to be begun, before any other frame is. */
  #batch: Batch | undefined;
  #calls = 0;
  #subscriptions = 0;
  #inputEnded = false;
  #closing = false;
  #pumping = false;
  /** When its turn is over, by `performance.now`; undefined: the loop has turned since, and it has one again. */
  #turnEnds: number | undefined;
  #resting = false;

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
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch !== undefined) {
      batch.refuseRest("the connection ends", "ask again");
      this.#sendWhole(batch);
    }
    this.#release();
    this.#endWhenIdle();
  }

  #destroySoon(): void {
    setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
  }

  #pump(): void {
    if (this.#pumping || this.#closing) return;
    this.#pumping = true;
    const turnEnds = (this.#turnEnds ??= this.#beginTurn());
    while (!this.#isBlocked() && !this.#closing && this.#takeNext()) this.#resting = performance.now() > turnEnds;
    this.#pumping = false;
    if (this.#isBlocked()) this.#socket.pause();
    else this.#socket.resume();
  }

  #isBlocked(): boolean {
    return this.#resting || this.#calls >= CALLS_AT_ONCE || !this.hasRoom();
  }

  #beginTurn(): number {
    setImmediate(() => {
      this.#turnEnds = undefined;
      if (!this.#resting) return;
      this.#resting = false;
      this.#pump();
    });
    return performance.now() + TURN_MS;
  }

  /** False: the client has to say more, or has said its last word. What it asked until then is answered still, what it followed ends. */
  #takeNext(): boolean {
    if (this.#batch !== undefined) {
      this.#beginNext(this.#batch);
      return true;
    }
    const frame = this.#frames.next();
    if (frame?.kind === "too-long") this.#refuse();
    else if (frame !== undefined) this.#take(frame.bytes);
    else if (this.#inputEnded) this.#takeRest();
    return frame !== undefined || this.#inputEnded;
  }

  #takeRest(): void {
    const rest = this.#frames.rest();
    if (rest.length > 0) this.#take(rest);
    else this.#finish();
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
    if (!Array.isArray(message)) {
      this.#begin(readRequest(message), (answer, opened) => this.#send(answer, opened));
    } else if (message.length === 0 || message.length > BATCH_LIMIT) {
      this.#write(errorAnswer(null, protocolError(RpcCode.badRequest, `a batch has 1 to ${BATCH_LIMIT} requests`)));
    } else this.#batch = new Batch(message);
  }

  #beginNext(batch: Batch): void {
    if (batch.isTooLong) batch.refuseRest("the answers to this batch are too long", "ask for less at a time");
    const next = batch.next();
    if (next === undefined) {
      this.#batch = undefined;
      this.#sendWhole(batch);
      return;
    }
    this.#begin(next.request, (answer, opened) => {
      next.put(answer, opened);
      if (this.#batch !== batch) this.#sendWhole(batch);
    });
  }

  #sendWhole(batch: Batch): void {
    const result = batch.result();
    if (result !== undefined) this.#send(result.text, result.opened);
  }

  /** The answer to a subscription goes before what it brings. */
  #send(answer: string | undefined, opened: readonly Feed[]): void {
    this.#write(answer);
    for (const feed of opened) feed.open();
  }

  /** What is answered at once is sent at once, so that it is known what waits to be read before the next call is begun. */
  #begin(request: Request, answer: (text: string | undefined, opened: readonly Feed[]) => void): void {
    const opened: Feed[] = [];
    const answered = this.#call(request, opened);
    if (!(answered instanceof Promise)) {
      answer(answered, opened);
      return;
    }
    this.#calls += 1;
    void answered.then((text) => {
      this.#calls -= 1;
      answer(text, opened);
      if (this.#closing) this.#endWhenIdle();
      else this.#pump();
    });
  }

  /** The answer as text; undefined for a notification. Never throws, nor rejects. */
  #call(request: Request, opened: Feed[]): string | undefined | Promise<string | undefined> {
    if (request.kind === "bad") return errorAnswer(request.id, protocolError(RpcCode.badRequest, request.message));
    const { id, method } = request;
    const refuse = (error: RpcError): string | undefined => (id === undefined ? undefined : errorAnswer(id, error));
    if (!isMethod(method)) return refuse(unknownMethod(method));
    const made: Feed[] = [];
    const succeed = (result: unknown): string | undefined => {
      opened.push(...made);
      return id === undefined ? undefined : resultAnswer(id, result);
    };
    const fail = (error: unknown): string | undefined => {
      for (const feed of made) this.#drop(feed);
      if (error instanceof ParamsError) return refuse(badParams(method, error));
      if (error instanceof DeniedError) this.#side.onDenied?.(method, error);
      if (!(error instanceof RindError)) this.#side.onFault(error);
      return refuse(callError(error));
    };
    try {
      const result: unknown = METHODS[method](this.#side.api, request.params, (name, field) => {
        const feed = this.#openFeed(name, field);
        made.push(feed);
        return feed;
      });
      return result instanceof Promise ? result.then(succeed).catch(fail) : succeed(result);
    } catch (error) {
      return fail(error);
    }
  }

  #openFeed(method: string, field: string): Feed {
    if (this.#feeds.size >= SUBSCRIPTIONS)
      throw new RejectedError(`this connection has ${SUBSCRIPTIONS} subscriptions already`, { hint: "open another for more" });
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
