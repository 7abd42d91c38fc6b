import { connect, type Socket } from "node:net";
import { NotPermittedError, RejectedError, RindError } from "../errors/rind-error.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { lostConnection, outcomeOf, readMessage } from "./answer.ts";
import { NoDaemonError } from "./errors.ts";
import { FRAME_LIMIT, type Follows, type MethodName, type Methods } from "./protocol.ts";
import { checkSocketPath } from "./socket-path.ts";

/** A queue of the daemon's that is full empties within milliseconds; after this many tries, growing to about 2 s, it is stuck. */
const CONNECT_TRIES = 20;
const RETRY_MS = 10;
/** Batches of a subscription that wait for their reader before the socket is no longer read. */
const BATCHES_AHEAD = 4;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Opens a connection to the daemon that serves `path`. Rejects with a `NoDaemonError` where nobody does, a
 * `NotPermittedError` where the socket may not be opened.
 */
export async function connectControl(path: string): Promise<ControlClient> {
  checkSocketPath(path);
  for (let attempt = 1; ; attempt++) {
    try {
      return new ControlClient(await open(path), path);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code !== "EAGAIN" || attempt === CONNECT_TRIES) throw connectFailure(path, code, error);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * attempt));
    }
  }
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.removeListener("error", reject);
      resolve(socket);
    });
  });
}

function connectFailure(path: string, code: unknown, cause: unknown): RindError {
  if (code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTDIR") {
    return new NoDaemonError(`no daemon runs at ${path}`, { hint: "start one with: rind up", cause });
  }
  if (code === "EACCES" || code === "EPERM") {
    return new NotPermittedError(`no right to open the control socket ${path}`, { hint: "it belongs to another user", cause });
  }
  if (code === "EAGAIN") return new RindError(`the daemon at ${path} takes no connection: it is overloaded or stopped`, { cause });
  return new RindError(`cannot connect to ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

/** A connection to the daemon. Calls may overlap. */
export class ControlClient {
  /** Resolves when the connection is gone, from whichever side. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #path: string;
  readonly #pending = new Map<number, Pending>();
  readonly #subscriptions = new Map<number, Subscription>();
  #lastId = 0;
  #parts: string[] = [];
  #endedByUs = false;

  constructor(socket: Socket, path: string) {
    this.#socket = socket;
    this.#path = path;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => this.#read(text));
    // "close" follows and says it to all who wait.
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.#fail(lostConnection(path));
        resolve();
      });
    });
  }

  /** Calls a method. Rejects with a `RemoteError` where the daemon refuses it, with a `NoDaemonError` where it goes before it has answered. */
  call<M extends MethodName>(method: M, params: Methods[M]["params"]): Promise<Methods[M]["result"]> {
    this.#lastId += 1;
    const id = this.#lastId;
    const frame = `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;
    if (Buffer.byteLength(frame) > FRAME_LIMIT) {
      return Promise.reject(new RejectedError("the message is too long", { hint: "a payload may have up to 1 MiB" }));
    }
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new NoDaemonError(`the daemon at ${this.#path} has closed the connection`));
        return;
      }
      // The protocol says what each method results in; the daemon is of this program.
      this.#pending.set(id, { resolve: (result) => resolve(result as Methods[M]["result"]), reject });
      this.#socket.write(frame);
    });
  }

  /** Opens a subscription: batches in order, read no faster than they are taken. Ends when `close` is called; throws a `NoDaemonError` when the daemon goes. */
  async follow<M extends keyof Follows>(method: M, params: Methods[M]["params"]): Promise<AsyncIterable<Follows[M]>> {
    const { subscription } = await this.call(method, params);
    const batches = this.#subscription(subscription);
    // As above: what a method notifies of is a matter of the protocol.
    return batches.read() as AsyncIterable<Follows[M]>;
  }

  close(): void {
    this.#endedByUs = true;
    this.#socket.destroy();
  }

  #read(text: string): void {
    let rest = text;
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      const line = this.#parts.join("") + rest.slice(0, end);
      this.#parts = [];
      rest = rest.slice(end + 1);
      this.#take(line);
    }
    if (rest !== "") this.#parts.push(rest);
  }

  #take(line: string): void {
    let message: JsonObject;
    try {
      message = readMessage(line, this.#path);
    } catch (error) {
      if (!(error instanceof RindError)) throw error;
      this.#fail(error);
      this.#socket.destroy();
      return;
    }
    if (typeof message["method"] === "string") this.#notified(message["params"]);
    else this.#answered(message);
  }

  #answered(message: JsonObject): void {
    const { id } = message;
    const answer = outcomeOf(message);
    if (typeof id !== "number") {
      // The daemon could not read which call it was: no call on this connection will be answered any more.
      if ("error" in answer) this.#fail(answer.error);
      return;
    }
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if ("error" in answer) pending?.reject(answer.error);
    else pending?.resolve(answer.result);
  }

  #notified(params: Json | undefined): void {
    if (isJsonObject(params) && typeof params["subscription"] === "number") this.#subscription(params["subscription"]).push(params);
  }

  /** Its first batch may be read before `follow` has heard its number. */
  #subscription(number: number): Subscription {
    const known = this.#subscriptions.get(number);
    if (known !== undefined) return known;
    const made = new Subscription(this.#socket);
    this.#subscriptions.set(number, made);
    return made;
  }

  #fail(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    for (const subscription of this.#subscriptions.values()) subscription.end(this.#endedByUs ? undefined : error);
  }
}

/** The batches of one subscription, between the socket and one reader. */
class Subscription {
  readonly #socket: Socket;
  readonly #batches: Json[] = [];
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  push(batch: Json): void {
    if (this.#ended) return;
    this.#batches.push(batch);
    if (this.#batches.length > BATCHES_AHEAD) this.#socket.pause();
    this.#wake?.();
  }

  end(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wake?.();
  }

  async *read(): AsyncGenerator<Json, void> {
    try {
      for (;;) {
        const batch = this.#batches.shift();
        if (batch !== undefined) {
          if (this.#batches.length === 0) this.#socket.resume();
          yield batch;
        } else if (this.#ended) {
          if (this.#error !== undefined) throw this.#error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      // A reader that went must not hold up the calls and the other subscriptions of the connection.
      this.#ended = true;
      this.#batches.length = 0;
      this.#socket.resume();
    }
  }
}
