import { ExitCode } from "./exit-code.ts";

/** What Rind itself throws at its edges: a stable code, a message, what would be right, and the exit code of the command line. */
export class RindError extends Error {
  readonly code: string = "RIND_FAILED";
  readonly exitCode: ExitCode = ExitCode.failed;
  /** What would be right; empty where nothing better is known. */
  readonly hint: string;

  constructor(message: string, options: ErrorOptions & { hint?: string } = {}) {
    super(message, options);
    this.name = new.target.name;
    this.hint = options.hint ?? "";
  }
}

/** A name that is declared nowhere. */
export class UndeclaredError extends RindError {
  override readonly code = "RIND_UNDECLARED";
  override readonly exitCode: ExitCode = ExitCode.undeclared;
}

/** A call whose words or values do not fit. */
export class UsageError extends RindError {
  override readonly code = "RIND_USAGE";
  override readonly exitCode: ExitCode = ExitCode.usage;
}

/** A change that the declarations do not allow: a payload of the wrong type, an unusable filter, a built-in state. */
export class RejectedError extends RindError {
  override readonly code = "RIND_REJECTED";
}

/** The kernel or the units do not let this caller do it. */
export class NotPermittedError extends RindError {
  override readonly code = "RIND_NOT_PERMITTED";
  override readonly exitCode: ExitCode = ExitCode.notPermitted;
}

/** A caller on the control socket asked for what is not its own (SPEC 12). `item`: what it is about; undefined: the daemon itself. */
export class DeniedError extends NotPermittedError {
  readonly item: string | undefined;

  constructor(message: string, item: string | undefined, options: { hint?: string } = {}) {
    super(`not permitted: ${message}`, options);
    this.item = item;
  }
}
