import { RindError } from "../errors/rind-error.ts";

/** The disk refuses. What was to be stored stands in memory and is tried again. */
export class NotStoredError extends RindError {
  override readonly code = "RIND_NOT_STORED";

  constructor(path: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`not stored: ${path} cannot be written (${why})`, {
      cause,
      hint: "it counts until the daemon ends; make room or repair the disk, and it is stored",
    });
  }
}
