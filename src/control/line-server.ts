import { chmodSync, lstatSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { dirname } from "node:path";
import { makeFolderNow } from "../lib/make-folder.ts";
import type { Json } from "../model/json.ts";
import type { OnFault } from "./connection.ts";
import { checkSocketPath } from "./socket-path.ts";

/** How much may wait for a reader that is behind before it is dropped. In bytes. */
const WAITING_LIMIT = 1024 * 1024;

export interface LineServer {
  /** Sends one json line to every client that is there. */
  send(line: Json): void;
  /** From now on everybody may open the socket (mode 0666), or its owner alone (0600). Who is there and is not admitted any more is dropped. */
  share(withAll: boolean): void;
  close(): void;
}

export interface LineOptions {
  readonly path: string;
  /** What each client gets first. */
  readonly greeting: () => readonly Json[];
  /** Asked when a client comes, and again after each `share`: the last words for one that may not be there, undefined for one that may. */
  readonly refusal: (socket: Socket) => Json | undefined;
  readonly onFault: OnFault;
}

/**
 * Serves json lines on a unix socket (mode 0600 until it is shared): each client gets the greeting, and then what is sent. What clients
 * write is not read. A client that does not read is dropped, so that it costs bounded memory.
 */
export async function serveLines({ path, greeting, refusal, onFault }: LineOptions): Promise<LineServer> {
  checkSocketPath(path);
  makeFolderNow(dirname(path), 0o755);
  // any other file there is none that Rind has made: `listen` says so
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path, { force: true });
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.resume();
    if (isRefused(socket)) return;
    clients.add(socket);
    socket.once("close", () => clients.delete(socket));
    for (const line of greeting()) write(socket, line);
  });
  const isRefused = (socket: Socket): boolean => {
    const lastWords = refusal(socket);
    if (lastWords === undefined) return false;
    clients.delete(socket);
    socket.end(`${JSON.stringify(lastWords)}\n`, () => socket.destroy());
    return true;
  };
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    const before = process.umask(0o177);
    server.listen(path, resolve);
    process.umask(before);
  });
  server.on("error", onFault);
  return {
    send: (line) => {
      for (const socket of clients) write(socket, line);
    },
    share: (withAll) => {
      chmodSync(path, withAll ? 0o666 : 0o600);
      for (const socket of clients) isRefused(socket);
    },
    close: () => {
      server.close();
      for (const socket of clients) socket.destroy();
    },
  };
}

function write(socket: Socket, line: Json): void {
  if (socket.writableLength > WAITING_LIMIT) socket.destroy();
  else socket.write(`${JSON.stringify(line)}\n`);
}
