import type { Diagnostic } from "../errors/unit-error.ts";
import type { Program } from "../flow/program.ts";
import type { Json } from "../model/json.ts";
import type { ImportDecl, ServiceDecl, UnitSet } from "../model/unit-set.ts";

/** A file of the services folder as it would be; `text` undefined: taken away. */
export interface ServiceFile {
  readonly fileName: string;
  readonly text: string | undefined;
}

/** A service that a client gives, as a file of the services folder. */
export interface GivenService {
  /** In full. */
  readonly name: string;
  readonly fileName: string;
  readonly text: string;
}

/** What has been made of unit files. */
export interface LoadedUnits {
  /** undefined where there are errors. */
  readonly units: UnitSet | undefined;
  readonly program: Program | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** To be called when these units have become those in force. Answers what whoever asked for them should know beside `diagnostics`. */
  inForce(): Promise<readonly Diagnostic[]>;
}

/** Where the units come from. */
export interface UnitSource {
  /** The folder of the services that clients set, one file each (SPEC 10). Absolute. */
  readonly servicesPath: string;
  /** Reads all unit files anew. */
  load(): Promise<LoadedUnits>;
  /** The units in force, as they would be with these files; what else has changed on disk waits for a reload. */
  loadWith(files: readonly ServiceFile[]): Promise<LoadedUnits>;
  /** The units in force, as they would be with these states and signals of the system's daemon, which all that is loaded later has too. */
  loadImporting(imports: readonly ImportDecl[]): Promise<LoadedUnits>;
  /** Rejects with a `ServiceRefusedError` for what is no service by its own fields. */
  read(service: Json): Promise<GivenService>;
  /** A service with all defaults, in the shape in which it was given. */
  show(decl: ServiceDecl): Promise<Json>;
}
