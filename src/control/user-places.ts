import type { Socket } from "node:net";
import { RejectedError } from "../errors/rind-error.ts";
import type { Caller } from "./api.ts";
import { callError, errorAnswer } from "./json-rpc.ts";

/** How many connections one user may have. Each costs the daemon a descriptor, and buffers of some MiB at the worst. */
const PLACES = 64;
const ROOT = 0;

/** Holds that nobody but root and the daemon's own user can take so many connections that none is left for the others. */
export class UserPlaces {
  readonly #taken = new Map<number, number>();

  /** Takes a place until `socket` is closed; false: this user has them all. */
  take({ uid }: Caller, socket: Socket): boolean {
    if (uid === ROOT || uid === process.getuid?.()) return true;
    const taken = this.#taken.get(uid) ?? 0;
    if (taken >= PLACES) return false;
    this.#taken.set(uid, taken + 1);
    socket.once("close", () => this.#leave(uid));
    return true;
  }

  #leave(uid: number): void {
    const left = (this.#taken.get(uid) ?? 1) - 1;
    if (left > 0) this.#taken.set(uid, left);
    else this.#taken.delete(uid);
  }
}

/** Tells it to who has no place, and ends the connection. */
export function turnAway(socket: Socket, { uid }: Caller): void {
  const error = new RejectedError(`uid ${uid} has ${PLACES} connections already`, { hint: "close some of them" });
  // what it says before it has read this is its own affair
  socket.on("error", () => {});
  socket.resume();
  socket.end(`${errorAnswer(null, callError(error))}\n`, () => socket.destroy());
}
