import { closeSync, readSync, writeSync } from "node:fs";
import type { ControlClient } from "../control/client.ts";
import { lostConnection, outcomeOf, readMessage } from "../control/answer.ts";
import type { Follows, MethodName, Methods } from "../control/protocol.ts";
import { native } from "../process/sys.ts";
import type { DaemonClient } from "./context.ts";

/** A longer message may not fit into the socket at once. In bytes. */
const SMALL = 32_768;
const CHUNK = 65_536;
const NEWLINE = 0x0a;

/**
 * A connection for a command that has nothing else to do while it waits: what the other client needs to be loaded takes longer than the whole call.
 * That one does all that is not a short question with an answer, and says what is wrong where there is no connection.
 */
export class DirectClient implements DaemonClient {
  readonly #path: string;
  #fd: number | undefined;
  #full: Promise<ControlClient> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async call<M extends MethodName>(method: M, params: Methods[M]["params"]): Promise<Methods[M]["result"]> {
    const question = Buffer.from(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })}\n`);
    if (this.#full === undefined && question.length <= SMALL) this.#fd ??= native()?.connect(this.#path);
    if (this.#fd === undefined || question.length > SMALL) return (await this.#fully()).call(method, params);
    const line = ask(this.#fd, question);
    if (line === undefined) throw lostConnection(this.#path);
    const answer = outcomeOf(readMessage(line, this.#path));
    if ("error" in answer) throw answer.error;
    // The protocol says what each method results in; the daemon is of this program.
    return answer.result as Methods[M]["result"];
  }

  async follow<M extends keyof Follows>(method: M, params: Methods[M]["params"]): Promise<AsyncIterable<Follows[M]>> {
    return (await this.#fully()).follow(method, params);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#full?.then(
      (client) => client.close(),
      () => {},
    );
  }

  #fully(): Promise<ControlClient> {
    this.#full ??= import("../control/client.ts").then(({ connectControl }) => connectControl(this.#path));
    return this.#full;
  }
}

/** Waits for the line that answers; undefined where the daemon has closed the connection before its end. */
function ask(fd: number, question: Buffer): string | undefined {
  const parts: Buffer[] = [];
  try {
    for (let at = 0; at < question.length; ) at += writeSync(fd, question, at);
    for (;;) {
      const room = Buffer.allocUnsafe(CHUNK);
      const length = readSync(fd, room);
      if (length === 0) return undefined;
      const part = room.subarray(0, length);
      parts.push(part);
      // nothing comes behind the answer
      if (part.at(-1) === NEWLINE) return Buffer.concat(parts).toString();
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EPIPE" || error.code === "ECONNRESET")) return undefined;
    throw error;
  }
}
