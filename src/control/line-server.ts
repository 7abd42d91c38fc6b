import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { dirname } from "node:path";
import { makeFolder } from "../lib/make-folder.ts";
import type { Json } from "../model/json.ts";
import type { OnFault } from "./connection.ts";
import { checkSocketPath } from "./socket-path.ts";

/** How much may wait for a reader that is behind before it is dropped. In bytes. */
const WAITING_LIMIT = 1024 * 1024;

export interface LineServer {
  /** Sends one json line to every client that is there. */
  send(line: Json): void;
  close(): void;
}

/**
 * Serves json lines on a unix socket (mode 0600): each client gets `greeting` first, and then what is sent. What clients write is
 * not read. A client that does not read is dropped, so that it costs bounded memory.
 */
export async function serveLines(path: string, greeting: () => readonly Json[], onFault: OnFault): Promise<LineServer> {
  checkSocketPath(path);
  await makeFolder(dirname(path), 0o755);
  rmSync(path, { force: true });
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.once("close", () => clients.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.resume();
    for (const line of greeting()) write(socket, line);
  });
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
