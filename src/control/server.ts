import { lstatSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { NotPermittedError } from "../errors/rind-error.ts";
import { makeFolder } from "../lib/make-folder.ts";
import type { Caller, ControlApi } from "./api.ts";
import { Connection, type OnFault } from "./connection.ts";
import { SocketError } from "./errors.ts";
import { checkSocketPath } from "./socket-path.ts";

/** The kernel cuts this to net.core.somaxconn. */
const BACKLOG = 4_096;
const PROBE_MS = 1_000;

export interface ControlServer {
  readonly path: string;
  /** Takes no more clients, answers the calls that run, ends all connections and removes the socket. Takes at most some seconds. */
  close(): Promise<void>;
}

export interface ControlOptions {
  readonly path: string;
  readonly api: ControlApi;
  readonly onFault: OnFault;
  /** Who has opened this connection; undefined: that cannot be known. */
  readonly callerOf?: (socket: Socket) => Caller | undefined;
}

/**
 * Serves `api` on the unix socket `path` (mode 0600; a folder that is missing is made, mode 0700). A socket that nobody
 * serves any more is replaced; throws a `SocketError` where somebody does, or where the path is something else.
 */
export async function serveControl({ path, api, onFault, callerOf }: ControlOptions): Promise<ControlServer> {
  checkSocketPath(path);
  await makeSocketFolder(dirname(path));
  await removeStale(path);

  const connections = new Set<Connection>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const caller = callerOf?.(socket);
    const connection = new Connection(socket, caller === undefined ? api : api.as(caller), onFault);
    connections.add(connection);
    socket.once("close", () => connections.delete(connection));
  });
  await listen(server, path);
  // Running out of descriptors at accept is reported here; it must not end the daemon.
  server.on("error", onFault);

  return {
    path,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.close();
      return closed;
    },
  };
}

async function makeSocketFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder, 0o700);
  } catch (error) {
    throw socketFailure(folder, error);
  }
}

async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new SocketError(`${path} exists and is no socket`, { hint: "give another path with --socket" });
  }
  if (await isServed(path)) {
    throw new SocketError(`another daemon serves ${path}`, { hint: "end it with rind down, or give another path with --socket" });
  }
  try {
    unlinkSync(path);
  } catch (error) {
    throw socketFailure(path, error);
  }
}

/** Only a refusal says that nobody is there: a daemon that is busy or stopped still has its queue in the kernel. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    const finish = (served: boolean) => {
      probe.destroy();
      resolve(served);
    };
    probe.setTimeout(PROBE_MS, () => finish(true));
    probe.once("connect", () => finish(true));
    probe.once("error", (error: NodeJS.ErrnoException) => finish(error.code !== "ECONNREFUSED" && error.code !== "ENOENT"));
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(socketFailure(path, error)));
    server.once("listening", () => {
      server.removeAllListeners("error");
      resolve();
    });
    // The socket is bound inside of `listen`: with this mask nobody else can open it at any moment.
    const umask = process.umask(0o177);
    server.listen({ path, backlog: BACKLOG });
    process.umask(umask);
  });
}

function socketFailure(path: string, cause: unknown): Error {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EACCES" || code === "EPERM") {
    return new NotPermittedError(`no right to make the control socket ${path}`, { hint: "give another path with --socket", cause });
  }
  if (code === "EADDRINUSE") {
    return new SocketError(`another daemon serves ${path}`, { hint: "end it with rind down, or give another path with --socket", cause });
  }
  return new SocketError(`cannot make the control socket ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}
