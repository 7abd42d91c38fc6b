/**
 * Mistakes in unit files before they have a line. What finds one names the item and the path of keys in it; where that is written is
 * looked up once, at the end (`place-problems.ts`), because it takes a second parser that a good set of units never loads.
 */

export interface SourceFile {
  /** As it is shown to people. */
  readonly name: string;
  readonly group: string;
  /** It lies in a `GROUP.d` folder, and so lies over what came before. */
  readonly dropIn: boolean;
  /** Of a file of the services folder: the one service that it holds, which replaces any of its name. undefined: a unit file. */
  readonly item: string | undefined;
  readonly text: string;
}

/** A file of which nothing is known but its place; `text` undefined: not even its bytes. */
export interface UnreadFile extends Omit<SourceFile, "text"> {
  readonly text: string | undefined;
}

/** A path of keys and list indexes, in kebab-case. */
export type Path = readonly (string | number)[];

/** Such as `lifecycle.restart` or `after[0]`. */
export function showPath(path: Path): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`)).join("");
}

/** A table of a file that an item is made of. */
export interface Layer {
  readonly file: SourceFile;
  readonly path: Path;
  /** Of a foreign file: where in it the native key at a path of the item comes from. */
  readonly at?: ((path: Path) => Path) | undefined;
}

export interface Problem {
  readonly severity: "error" | "warning";
  /** Tables in which `path` may be found, the later before the earlier. */
  readonly layers: readonly Layer[];
  readonly path: Path;
  /** Point at the last key of `path`, not at its value. */
  readonly atKey: boolean;
  readonly message: string;
  /** What would be right; empty where nothing better is known. */
  readonly hint: string;
}

/** Collects the problems of one place. */
export interface Report {
  error(path: Path, message: string, hint?: string): void;
  errorAtKey(path: Path, message: string, hint?: string): void;
  warning(path: Path, message: string, hint?: string): void;
  warningAtKey(path: Path, message: string, hint?: string): void;
}

/** A report that adds to `problems`, at `layers`. */
export function reportInto(problems: Problem[], layers: readonly Layer[]): Report {
  return new LayersReport(problems, layers);
}

/** A class, because each item has one and few items have problems. */
class LayersReport implements Report {
  readonly #problems: Problem[];
  readonly #layers: readonly Layer[];

  constructor(problems: Problem[], layers: readonly Layer[]) {
    this.#problems = problems;
    this.#layers = layers;
  }

  error(path: Path, message: string, hint = ""): void {
    this.#add("error", path, false, message, hint);
  }

  errorAtKey(path: Path, message: string, hint = ""): void {
    this.#add("error", path, true, message, hint);
  }

  warning(path: Path, message: string, hint = ""): void {
    this.#add("warning", path, false, message, hint);
  }

  warningAtKey(path: Path, message: string, hint = ""): void {
    this.#add("warning", path, true, message, hint);
  }

  #add(severity: Problem["severity"], path: Path, atKey: boolean, message: string, hint: string): void {
    this.#problems.push({ severity, layers: this.#layers, path, atKey, message, hint });
  }
}
