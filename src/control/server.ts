import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { type DeniedError, NotPermittedError } from "../errors/rind-error.ts";
import { makeFolderNow } from "../lib/make-folder.ts";
import type { Caller, ControlApi } from "./api.ts";
import { Connection, type ConnectionSide, type OnFault } from "./connection.ts";
import { SocketError } from "./errors.ts";
import type { MethodName } from "./protocol.ts";
import { checkRuntimeFolder } from "./runtime-folder.ts";
import { checkSocketPath } from "./socket-path.ts";
import { turnAway, UserPlaces } from "./user-places.ts";

/** The kernel cuts this to net.core.somaxconn. */
const BACKLOG = 4_096;
const PROBE_MS = 1_000;

export interface ControlServer {
  readonly path: string;
  /** From now on everybody may open the socket (mode 0666, and its folder 0755 where that is Rind's own), or its owner alone (0600). */
  share(withAll: boolean): void;
  /** Takes no more clients, answers the calls that run, ends all connections and removes the socket. Takes at most some seconds. */
  close(): Promise<void>;
}

export interface ControlOptions {
  readonly path: string;
  readonly api: ControlApi;
  readonly onFault: OnFault;
  /** Who has opened this connection; undefined: that cannot be known. */
  readonly callerOf?: (socket: Socket) => Caller | undefined;
  /** The folder that is there for sockets of Rind's: one that it shares with others, as one that it has made. */
  readonly runtimeFolder?: string;
  readonly onDenied?: (denial: Denial) => void;
}

/** A call that its caller had no right to (SPEC 12). */
export interface Denial {
  readonly caller: Caller;
  readonly method: MethodName;
  /** What it was about; undefined: the daemon itself. */
  readonly item: string | undefined;
}

/**
 * Serves `api` on the unix socket `path` (mode 0600 until it is shared; a folder that is missing is made, mode 0700). A socket that nobody
 * serves any more is replaced; throws a `SocketError` where somebody does, or where the path is something else.
 */
export async function serveControl(options: ControlOptions): Promise<ControlServer> {
  const { path, api, onFault, callerOf, onDenied } = options;
  checkSocketPath(path);
  const folder = dirname(path);
  const isOurs = makeSocketFolder(folder) || folder === options.runtimeFolder;
  // any other folder was chosen by somebody
  if (folder === options.runtimeFolder) checkRuntimeFolder(folder, process.getuid?.() ?? 0);
  await removeStale(path);

  const connections = new Set<Connection>();
  const places = new UserPlaces();
  // for good: who came while it was shared may be taken up only when it is so no more
  let wasShared = false;
  const serve = (socket: Socket, side: ConnectionSide): void => {
    const connection = new Connection(socket, side);
    connections.add(connection);
    socket.once("close", () => connections.delete(connection));
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const caller = callerOf?.(socket);
    if (caller === undefined) {
      // the mode of the socket was its guard, and is so no more
      if (wasShared) socket.destroy();
      else serve(socket, { api, onFault });
    } else if (places.take(caller, socket)) {
      const denied = (method: MethodName, { item }: DeniedError): void => onDenied?.({ caller, method, item });
      serve(socket, { api: api.as(caller), onFault, onDenied: denied });
    } else turnAway(socket, caller);
  });
  await listen(server, path);
  // Running out of descriptors at accept is reported here; it must not end the daemon.
  server.on("error", onFault);

  return {
    path,
    share(withAll) {
      wasShared ||= withAll;
      if (withAll && isOurs) chmodSync(folder, 0o755);
      chmodSync(path, withAll ? 0o666 : 0o600);
    },
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.close();
      return closed;
    },
  };
}

/** Whether it was not there before. */
function makeSocketFolder(folder: string): boolean {
  const isNew = lstatSync(folder, { throwIfNoEntry: false }) === undefined;
  try {
    makeFolderNow(folder, 0o700);
    return isNew;
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
