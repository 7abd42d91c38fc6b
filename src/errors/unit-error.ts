import { ExitCode } from "./exit-code.ts";
import { RindError } from "./rind-error.ts";

/** One mistake in the unit files. Lines and columns count from 1. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What would be right; empty where nothing better is known. */
  readonly hint: string;
}

export function formatDiagnostic({ file, line, column, message, hint }: Diagnostic): string {
  return `${file}:${line}:${column}: ${message}${hint === "" ? "" : ` (${hint})`}`;
}

/** Every mistake found in the unit files, in file order. */
export class UnitError extends RindError {
  override readonly code = "RIND_UNITS";
  override readonly exitCode: ExitCode = ExitCode.badUnits;
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], options?: ErrorOptions) {
    super(diagnostics.map(formatDiagnostic).join("\n"), options);
    this.diagnostics = diagnostics;
  }
}
