import { existsSync } from "node:fs";
import { connectControl } from "./client.ts";
import { NoDaemonError, SocketError } from "./errors.ts";

/** Throws a `SocketError` with the pid where a daemon answers on this socket: before anything of a second one is opened or started. */
export async function refuseSecond(socket: string): Promise<void> {
  if (!existsSync(socket)) return;
  const pid = await daemonPid(socket);
  if (pid !== undefined) {
    throw new SocketError(`a daemon runs already at ${socket} (pid ${pid})`, {
      hint: "end it with rind down, or give another --socket and --state",
    });
  }
}

/** The pid of the daemon that answers on this socket; undefined: nobody is there yet. */
export async function daemonPid(socket: string): Promise<number | undefined> {
  try {
    const client = await connectControl(socket);
    try {
      return (await client.call("system.info", {})).pid;
    } finally {
      client.close();
    }
  } catch (error) {
    if (error instanceof NoDaemonError) return undefined;
    throw error;
  }
}
