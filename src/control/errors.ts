import { ExitCode } from "../errors/exit-code.ts";
import { RindError } from "../errors/rind-error.ts";
import type { ErrorData } from "./protocol.ts";

/** Nobody answers on the control socket. */
export class NoDaemonError extends RindError {
  override readonly code = "RIND_NO_DAEMON";
  override readonly exitCode: ExitCode = ExitCode.noDaemon;
}

/** The control socket cannot be made or used: its path is taken, too long, or not ours. */
export class SocketError extends RindError {
  override readonly code = "RIND_SOCKET";
}

/** What the daemon answered to a call that it refused; carries the daemon's own code, exit code and hint. */
export class RemoteError extends RindError {
  override readonly code: string;
  override readonly exitCode: ExitCode;

  constructor(message: string, data: ErrorData) {
    super(message, { hint: data.hint, ...(data.cause === null ? {} : { cause: data.cause }) });
    this.code = data.code;
    this.exitCode = Object.values(ExitCode).find((known) => known === data.exitCode) ?? ExitCode.failed;
  }
}
