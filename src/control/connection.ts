import type { Socket } from "node:net";
import { DeniedError, RejectedError, RindError } from "../errors/rind-error.ts";
import { nearestName } from "../lib/nearest-name.ts";
import type { Json } from "../model/json.ts";
import type { ControlApi } from "./api.ts";
import { Batch } from "./batch.ts";
import { Call, type Place } from "./call.ts";
import { Feed, type FeedSink } from "./feed.ts";
import { FrameReader } from "./frame-reader.ts";
import { callError, errorAnswer, protocolError, readRequest, type Request, type RpcError, resultAnswer } from "./json-rpc.ts";
import { loopTurn } from "./loop-turn.ts";
import { METHODS } from "./methods.ts";
import { Outbox } from "./outbox.ts";
import { ParamsError } from "./params-error.ts";
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
const NO_FEEDS: readonly Feed[] = [];
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
  readonly #outbox: Outbox;
  readonly #openFeed = (method: string, field: string): Feed => this.#newFeed(method, field);
  readonly #frames = new FrameReader();
  readonly #feeds = new Set<Feed>();
  /** Calls of it are still to be begun, before any other frame is. */
  #batch: Batch | undefined;
  #calls = 0;
  #subscriptions = 0;
  #inputEnded = false;
  #closing = false;
  #pumping = false;
  /** Which turn of the loop its own was in, and when that is over, by `performance.now`: with the next one of the loop it has one again. */
  #turn = -1;
  #turnEnds = 0;
  #resting = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(socket: Socket, side: ConnectionSide) {
    this.#socket = socket;
    this.#side = side;
    this.#outbox = new Outbox(socket);
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
    socket.on("close", () => {
      clearTimeout(this.#linger);
      this.#release();
    });
  }

  hasRoom(): boolean {
    return this.#outbox.length < SEND_LIMIT;
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
    this.#linger ??= setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
  }

  #pump(): void {
    if (this.#pumping || this.#closing) return;
    this.#pumping = true;
    this.#outbox.together(() => this.#takeAll());
    this.#pumping = false;
    // What still comes is read to nowhere.
    if (this.#closing) return;
    if (this.#isBlocked()) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #takeAll(): void {
    const turn = loopTurn();
    if (this.#turn !== turn) {
      this.#turn = turn;
      this.#turnEnds = performance.now() + TURN_MS;
    }
    while (!this.#isBlocked() && !this.#closing && this.#takeNext()) {
      if (performance.now() > this.#turnEnds) this.#rest();
    }
  }

  #isBlocked(): boolean {
    return this.#resting || this.#calls >= CALLS_AT_ONCE || !this.hasRoom();
  }

  #rest(): void {
    this.#resting = true;
    setImmediate(() => {
      this.#resting = false;
      this.#pump();
    });
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
      this.#begin(readRequest(message), undefined);
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
    this.#begin(next.request, { batch, at: next.at });
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

  #begin(request: Request, place: Place | undefined): void {
    if (request.kind === "bad") {
      this.#put(place, errorAnswer(request.id, protocolError(RpcCode.badRequest, request.message)), NO_FEEDS);
      return;
    }
    const { id, method, params } = request;
    if (!isMethod(method)) {
      this.#put(place, id === undefined ? undefined : errorAnswer(id, unknownMethod(method)), NO_FEEDS);
      return;
    }
    const call = new Call(id, method, place, this.#openFeed);
    let result: unknown;
    try {
      result = METHODS[method](this.#side.api, params, call);
    } catch (error) {
      this.#failed(call, error);
      return;
    }
    if (result instanceof Promise) this.#answerLater(call, result);
    else this.#succeeded(call, result);
  }

  #answerLater(call: Call, result: Promise<unknown>): void {
    this.#calls += 1;
    result.then(
      (value) => {
        this.#calls -= 1;
        this.#succeeded(call, value);
        this.#goOn();
      },
      (error: unknown) => {
        this.#calls -= 1;
        this.#failed(call, error);
        this.#goOn();
      },
    );
  }

  #goOn(): void {
    if (this.#closing) this.#endWhenIdle();
    else if (this.#hasInput()) this.#pump();
  }

  #hasInput(): boolean {
    return this.#batch !== undefined || !this.#frames.isEmpty || this.#inputEnded || this.#socket.isPaused();
  }

  #succeeded(call: Call, result: unknown): void {
    let text: string | undefined;
    try {
      if (call.id !== undefined) text = resultAnswer(call.id, result);
    } catch (error) {
      this.#failed(call, error);
      return;
    }
    this.#put(call.place, text, call.feeds);
  }

  #failed(call: Call, error: unknown): void {
    const { id, method, place } = call;
    for (const feed of call.feeds) this.#drop(feed);
    if (error instanceof DeniedError) this.#side.onDenied?.(method, error);
    if (!(error instanceof RindError)) this.#side.onFault(error);
    const said = error instanceof ParamsError ? badParams(method, error) : callError(error);
    this.#put(place, id === undefined ? undefined : errorAnswer(id, said), NO_FEEDS);
  }

  #put(place: Place | undefined, answer: string | undefined, opened: readonly Feed[]): void {
    if (place === undefined) {
      this.#send(answer, opened);
      return;
    }
    place.batch.put(place.at, answer, opened);
    if (this.#batch !== place.batch) this.#sendWhole(place.batch);
  }

  #newFeed(method: string, field: string): Feed {
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
    if (text !== undefined) this.#outbox.add(text);
  }

  #endWhenIdle(): void {
    if (this.#calls > 0) return;
    this.#outbox.end();
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
