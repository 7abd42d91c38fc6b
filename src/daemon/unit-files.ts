import { basename, dirname, join, resolve } from "node:path";
import type { Diagnostic } from "../errors/unit-error.ts";
import type { Json } from "../model/json.ts";
import type { ImportDecl, ServiceDecl } from "../model/unit-set.ts";
import { focusUnits } from "../supervisor/focus.ts";
import { ServiceRefusedError } from "../supervisor/service-refused.ts";
import type { GivenService, LoadedUnits, ServiceFile, UnitSource } from "../supervisor/unit-source.ts";
import type { LeftOut } from "../unit/leave-out.ts";
import { loadUnits } from "../unit/load.ts";

type Options = Omit<Parameters<typeof loadUnits>[0], "candidates" | "read" | "imports" | "servicesFolder"> & {
  readonly servicesFolder: string;
};
type Loaded = Awaited<ReturnType<typeof loadUnits>>;
type Read = Loaded["read"];

/** Where the services that clients set are stored: `RIND_SERVICES_PATH`, else `services` beside the state. Absolute. */
export function servicesPath(statePath: string, env: NodeJS.ProcessEnv, cwd: string): string {
  const given = env["RIND_SERVICES_PATH"];
  return resolve(cwd, given === undefined || given === "" ? join(dirname(statePath), "services") : given);
}

/** The unit files of a daemon. Remembers the texts of those in force, so that one service can be set without a reload of the rest. */
export class UnitFiles implements UnitSource {
  readonly servicesPath: string;
  readonly #options: Options;
  #imports: readonly ImportDecl[];
  #inForce: Read = { files: [], unread: [], mistakes: [], names: [] };
  /** What the units in force lack because of errors. */
  #leftOut: readonly LeftOut[] = [];
  #focus: readonly string[] = [];
  #changed: (leftOut: readonly LeftOut[]) => Promise<readonly Diagnostic[]> = () => Promise.resolve([]);

  /** `imports`: the states and signals of the system's daemon, where this is the daemon of a user. */
  constructor(options: Options, imports: readonly ImportDecl[] = []) {
    this.#options = options;
    this.#imports = imports;
    this.servicesPath = options.servicesFolder;
  }

  /** The run is about these services only, and those that are set from now on. */
  focusOn(services: readonly string[]): void {
    this.#focus = services;
  }

  /** Called each time other units are in force, with what these lack because of errors. Answers what whoever asked for them should know. */
  onChange(changed: (leftOut: readonly LeftOut[]) => Promise<readonly Diagnostic[]>): void {
    this.#changed = changed;
  }

  /** `leaveOut`: there always are units, those without errors, and what they lack; default: units with errors are none. */
  async load({ leaveOut = false } = {}): Promise<LoadedUnits & { readonly leftOut: readonly LeftOut[] }> {
    const loaded = await loadUnits({ ...this.#options, imports: this.#imports, leaveOut });
    return { ...this.#loaded(loaded, []), leftOut: loaded.leftOut };
  }

  loadImporting(imports: readonly ImportDecl[]): Promise<LoadedUnits> {
    this.#imports = imports;
    return this.loadWith([]);
  }

  async loadWith(files: readonly ServiceFile[]): Promise<LoadedUnits> {
    const set = files.flatMap(({ fileName, text }) => (text === undefined ? [] : [fullName(fileName)]));
    // what was left out at boot is no hindrance
    const leaveOut = this.#leftOut.length > 0;
    const loaded = await loadUnits({ ...this.#options, imports: this.#imports, candidates: files, read: this.#inForce, leaveOut });
    const isBad = loaded.leftOut.some(({ file }) => files.some(({ fileName }) => fileName === basename(file)));
    return this.#loaded(isBad ? { ...loaded, units: undefined, program: undefined } : loaded, set);
  }

  async read(service: Json): Promise<GivenService> {
    const { readGivenService } = await import("../unit/given-service.ts");
    const given = await readGivenService(service);
    if (!given.ok) throw new ServiceRefusedError(given.check, given.message, { hint: given.hint });
    return given;
  }

  async show(decl: ServiceDecl): Promise<Json> {
    const { describeService } = await import("../unit/describe-service.ts");
    return describeService(decl, this.#inForce);
  }

  #loaded({ units, program, diagnostics, read, leftOut }: Loaded, set: readonly string[]): LoadedUnits {
    const focus = this.#focus.length === 0 ? [] : [...new Set([...this.#focus, ...set])];
    return {
      units: units === undefined ? undefined : focusUnits(units, focus),
      program,
      diagnostics,
      inForce: () => {
        this.#inForce = read;
        this.#focus = focus;
        this.#leftOut = leftOut;
        return this.#changed(leftOut);
      },
    };
  }
}

/** Of the service in a file of the services folder. */
function fullName(fileName: string): string {
  const name = fileName.replace(/\.toml$/, "");
  return name.includes("@") ? name : `${name}@${name}`;
}
