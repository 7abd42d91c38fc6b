import { dirname, join, resolve } from "node:path";
import type { Json } from "../model/json.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import { focusUnits } from "../supervisor/focus.ts";
import { ServiceRefusedError } from "../supervisor/service-refused.ts";
import type { GivenService, LoadedUnits, ServiceFile, UnitSource } from "../supervisor/unit-source.ts";
import { describeService } from "../unit/describe-service.ts";
import { readGivenService } from "../unit/given-service.ts";
import { loadUnits } from "../unit/load.ts";

type Options = Omit<Parameters<typeof loadUnits>[0], "candidates" | "read" | "servicesFolder"> & { readonly servicesFolder: string };
type Read = Awaited<ReturnType<typeof loadUnits>>["read"];

/** Where the services that clients set are stored: `RIND_SERVICES_PATH`, else `services` beside the state. Absolute. */
export function servicesPath(statePath: string, env: NodeJS.ProcessEnv, cwd: string): string {
  const given = env["RIND_SERVICES_PATH"];
  return resolve(cwd, given === undefined || given === "" ? join(dirname(statePath), "services") : given);
}

/** The unit files of a daemon. Remembers the texts of those in force, so that one service can be set without a reload of the rest. */
export class UnitFiles implements UnitSource {
  readonly servicesPath: string;
  readonly #options: Options;
  #inForce: Read = { files: [], unread: [], mistakes: [], names: [] };
  #focus: readonly string[] = [];
  #changed: () => Promise<void> = () => Promise.resolve();

  constructor(options: Options) {
    this.#options = options;
    this.servicesPath = options.servicesFolder;
  }

  /** The run is about these services only, and those that are set from now on. */
  focusOn(services: readonly string[]): void {
    this.#focus = services;
  }

  /** Called each time other units are in force. */
  onChange(changed: () => Promise<void>): void {
    this.#changed = changed;
  }

  async load(): Promise<LoadedUnits> {
    return this.#loaded(await loadUnits(this.#options), []);
  }

  async loadWith(files: readonly ServiceFile[]): Promise<LoadedUnits> {
    const set = files.flatMap(({ fileName, text }) => (text === undefined ? [] : [fullName(fileName)]));
    return this.#loaded(await loadUnits({ ...this.#options, candidates: files, read: this.#inForce }), set);
  }

  read(service: Json): GivenService {
    const given = readGivenService(service);
    if (!given.ok) throw new ServiceRefusedError(given.check, given.message, { hint: given.hint });
    return given;
  }

  show(decl: ServiceDecl): Json {
    return describeService(decl, this.#inForce);
  }

  #loaded({ units, program, diagnostics, read }: Awaited<ReturnType<typeof loadUnits>>, set: readonly string[]): LoadedUnits {
    const focus = this.#focus.length === 0 ? [] : [...new Set([...this.#focus, ...set])];
    return {
      units: units === undefined ? undefined : focusUnits(units, focus),
      program,
      diagnostics,
      inForce: () => {
        this.#inForce = read;
        this.#focus = focus;
        return this.#changed();
      },
    };
  }
}

/** Of the service in a file of the services folder. */
function fullName(fileName: string): string {
  const name = fileName.replace(/\.toml$/, "");
  return name.includes("@") ? name : `${name}@${name}`;
}
