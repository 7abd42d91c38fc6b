import { ExitCode } from "../errors/exit-code.ts";
import { RindError } from "../errors/rind-error.ts";

/** The checks of `service.set`, in their order, each with a code of its own (SPEC 10). */
const CODES = {
  parse: "RIND_SERVICE_PARSE",
  fields: "RIND_SERVICE_FIELDS",
  executable: "RIND_SERVICE_EXECUTABLE",
  references: "RIND_SERVICE_REFERENCES",
  conflicts: "RIND_SERVICE_CONFLICT",
} as const;

/** A service that cannot be taken: nothing has changed. */
export class ServiceRefusedError extends RindError {
  override readonly code: string;
  override readonly exitCode: ExitCode;

  constructor(check: keyof typeof CODES, message: string, options: ErrorOptions & { hint?: string } = {}) {
    super(message, options);
    this.code = CODES[check];
    this.exitCode = check === "conflicts" ? ExitCode.failed : ExitCode.badUnits;
  }
}
