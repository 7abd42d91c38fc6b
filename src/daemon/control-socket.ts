import { SocketError } from "../control/errors.ts";
import { type ControlOptions, type ControlServer, serveControl } from "../control/server.ts";
import { NotPermittedError } from "../errors/rind-error.ts";

/** Nobody can reach the daemon, which goes on: `lack` says why. */
interface Served {
  readonly server: ControlServer;
  readonly lack: string | undefined;
}

type Refusal = SocketError | NotPermittedError;

/** The control socket. Where it cannot be made, and by `isFatal` the daemon is to go on without it, why is told in place of an error. */
export async function serveIfPossible(options: ControlOptions, isFatal: (error: Refusal) => boolean): Promise<Served> {
  try {
    return { server: await serveControl(options), lack: undefined };
  } catch (error) {
    if (!(error instanceof SocketError || error instanceof NotPermittedError) || isFatal(error)) throw error;
    return { server: { path: options.path, share: () => {}, close: () => Promise.resolve() }, lack: error.message };
  }
}

/** Whether the system refuses to make a file anywhere near a path because nothing can be written there. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof Error && (("code" in error && error.code === "EROFS") || isReadOnly(error.cause));
}
