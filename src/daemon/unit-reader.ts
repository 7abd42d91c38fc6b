import { formatDiagnostic } from "../errors/unit-error.ts";
import type { Program } from "../flow/program.ts";
import type { Outlet } from "../log/outlet.ts";
import type { ServiceDecl, UnitSet } from "../model/unit-set.ts";
import { focusUnits, resolveServices } from "../supervisor/focus.ts";
import type { LeftOut } from "../unit/leave-out.ts";
import type { UnitFiles } from "./unit-files.ts";

export interface ReaderOptions {
  readonly files: UnitFiles;
  /** Names of services that the run is about; empty: all. */
  readonly services: readonly string[];
  /** Unit files that Rind itself brings. */
  readonly builtIn: ReadonlyMap<string, string> | undefined;
  /** Units with errors are left out; else there are none. */
  readonly leaveOut: boolean;
  readonly stderr: Outlet;
}

/** What a daemon begins with. */
export interface FirstUnits {
  readonly units: UnitSet;
  readonly program: Program;
  readonly leftOut: readonly LeftOut[];
}

/** The way from the unit files to what is in force at the start; tells each mistake once, however often it is asked. */
export class UnitReader {
  readonly #options: ReaderOptions;
  readonly #told = new Set<string>();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** undefined: nothing can be run. */
  async read(): Promise<FirstUnits | undefined> {
    const { files, services, leaveOut, stderr } = this.#options;
    const { units: all, program, diagnostics, leftOut, inForce } = await files.load({ leaveOut });
    for (const diagnostic of diagnostics) {
      const text = `${diagnostic.severity}: ${formatDiagnostic(diagnostic)}\n`;
      if (!this.#told.has(text)) stderr.write(text);
      this.#told.add(text);
    }
    if (all === undefined || program === undefined) return undefined;
    // nothing of what somebody wrote is right
    if (leftOut.length > 0 && this.written(all).length === 0) return undefined;
    const focus = resolveServices(services, all);
    await inForce();
    files.focusOn(focus);
    return { units: focusUnits(all, focus), program, leftOut };
  }

  /** The services that are not of Rind itself. */
  written({ services }: UnitSet): readonly ServiceDecl[] {
    const { builtIn } = this.#options;
    return services.filter(({ origin }) => origin === undefined || builtIn?.has(origin.file) !== true);
  }
}
