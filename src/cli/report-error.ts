import { ExitCode } from "../errors/exit-code.ts";
import { RindError } from "../errors/rind-error.ts";
import { harmless } from "./render/harmless.ts";
import { ReaderGoneError, type Terminal } from "./terminal.ts";

/** Tells `error` to the user as `rind: MESSAGE (HINT)`; returns what the program ends with. */
export function reportError(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof ReaderGoneError) return ExitCode.done;
  if (!(error instanceof RindError)) {
    terminal.err(`rind: ${error instanceof Error ? error.message : String(error)}\n`);
    return ExitCode.failed;
  }
  // Mistakes in unit files stand in lines of their own, each with its place first.
  const text = error.code === "RIND_UNITS" ? error.message : `rind: ${error.message}${causeOf(error)}${hintOf(error)}`;
  terminal.err(`${harmless(text)}\n`);
  return error.exitCode;
}

/** Of what the daemon answered: its errors carry the cause as text. */
function causeOf({ message, cause }: RindError): string {
  return typeof cause === "string" && cause !== "" && !message.includes(cause) ? `: ${cause}` : "";
}

function hintOf({ hint }: RindError): string {
  return hint === "" ? "" : ` (${hint})`;
}
