import { chmodSync, closeSync, lstatSync, rmSync } from "node:fs";
import { fdWatch } from "./fd-watch.ts";
import { type Datagram, native, nativeLack } from "./sys.ts";

export interface NotifySocketOptions {
  /** Absolute; at most 107 bytes, as unix(7) has it. A socket that is left there is replaced. */
  readonly path: string;
  /** Each datagram in order, also an empty one, with its sender as the kernel knows it. Must not throw. */
  readonly onMessage: (message: Datagram) => void;
}

export interface NotifySocket {
  readonly path: string;
  /** Removes the socket. What waits in it is not delivered. */
  close(): void;
}

/** What sockaddr_un has room for, its closing NUL included. */
const PATH_ROOM = 108;
/** So many datagrams of one socket are taken in one turn: a flood from one process must not hold up the rest. */
const TAKEN_AT_ONCE = 256;

/**
 * Opens a unix datagram socket for what a process says about itself, see sd_notify(3). Everybody may write to it who may enter its folder; who is
 * heard is decided by the sender's credentials. Descriptors that are sent along are closed at once, which is what BARRIER=1 waits for.
 */
export function openNotifySocket({ path, onMessage }: NotifySocketOptions): NotifySocket | { readonly failure: string } {
  const sys = native();
  if (sys === undefined) return { failure: `there is no native part: ${nativeLack() ?? ""}` };
  const bytes = Buffer.byteLength(path);
  if (bytes >= PATH_ROOM) return { failure: `the path ${path} has ${bytes} bytes; that of a socket may have ${PATH_ROOM - 1}` };
  let open = true;
  let fd: number | undefined;
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
    const socket = sys.bindDatagrams(path);
    fd = socket;
    chmodSync(path, 0o666);
    fdWatch(sys).add(socket, () => {
      // a message can make its receiver close the socket
      for (let taken = 0; open && taken < TAKEN_AT_ONCE; taken++) {
        const message = sys.receive(socket);
        if (message === undefined) return;
        onMessage(message);
      }
    });
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    return { failure: `the socket ${path} cannot be made: ${error instanceof Error ? error.message : String(error)}` };
  }
  const opened = fd;
  return {
    path,
    close() {
      if (!open) return;
      open = false;
      fdWatch(sys).remove(opened);
      closeSync(opened);
      rmSync(path, { force: true });
    },
  };
}
