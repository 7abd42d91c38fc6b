/**
 * What becomes of unit files, key by key: the merged and defaulted value, and where it was written. The values come from what the daemon
 * would run, not from the files, so that this cannot say one thing while the daemon does another.
 */
import type { Json, JsonObject } from "../../model/json.ts";
import type { Origin, UnitSet } from "../../model/unit-set.ts";
import type { Item } from "../collect-items.ts";
import { type ForeignPlace, placeKey } from "../cross-services.ts";
import { type AssembledUnits, assembleUnits, type LoadedUnits, type LoadOptions } from "../load.ts";
import { indexPositions, type PositionIndex } from "../locate.ts";
import type { Layer, Path, SourceFile } from "../problem.ts";
import type { Section } from "../schema/sections.ts";
import { isTomlTable, type TomlTable } from "../toml-table.ts";
import { serviceConfig, settingsConfig, signalConfig, stateConfig, variableConfig } from "./config.ts";
import { mountConfig, networkConfig, permissionConfig } from "./config-others.ts";

export interface ExplainedKey {
  /** Such as `["run", "env", "PORT"]`, in kebab-case. */
  readonly path: readonly string[];
  readonly value: Json;
  /** The place of the value; in `[settings]` for what a service takes from there; `default`: nobody wrote it. */
  readonly source: (Origin & { readonly kind: "unit" | "settings" }) | { readonly kind: "default" };
}

export interface ExplainedItem {
  readonly section: Section;
  /** In full. */
  readonly name: string;
  /** undefined: declared by its use alone. */
  readonly origin: Origin | undefined;
  readonly keys: readonly ExplainedKey[];
}

export interface ExplainedUnits {
  /** Section by section in the order of declaration; mounts in the order in which they are mounted. */
  readonly items: readonly ExplainedItem[];
  readonly settings: readonly ExplainedKey[];
}

/** As `loadUnits`; `explained` is undefined where there are errors. Starts nothing. */
export async function explainUnits(options: LoadOptions): Promise<LoadedUnits & { readonly explained: ExplainedUnits | undefined }> {
  const { loaded, ...assembled } = await assembleUnits(options);
  return { ...loaded, explained: loaded.units === undefined ? undefined : explain(loaded.units, assembled) };
}

function explain(units: UnitSet, { items, settings, foreign }: Omit<AssembledUnits, "loaded">): ExplainedUnits {
  const places = new Places();
  const byName = new Map(items.map((item) => [`${item.section} ${item.name ?? ""}`, item]));
  const one = (section: Section, name: string, config: JsonObject): ExplainedItem => {
    // the service of a dhcp client is what its network says
    const item = byName.get(`${section} ${name}`) ?? (section === "service" ? byName.get(`network ${name}`) : undefined);
    const keys = flatten(config, []).map(([path, value]): ExplainedKey => ({ path, value, source: sourceOf(path, name, item) }));
    return { section, name, origin: item?.origin, keys };
  };
  const sourceOf = (path: readonly string[], name: string, item: Item | undefined): ExplainedKey["source"] => {
    const own = item === undefined ? undefined : places.find(item, path);
    if (own !== undefined) return { kind: "unit", ...own };
    const other = path[0] === "after" ? foreignPlace(name, foreign, places) : undefined;
    if (other !== undefined) return { kind: "unit", ...other };
    const common = path[0] === "restart" && item?.foreign === false ? places.find(settings, path) : undefined;
    return common === undefined ? { kind: "default" } : { kind: "settings", ...common };
  };
  return {
    items: [
      ...units.states.map((decl) => one("state", decl.name, stateConfig(decl))),
      ...units.signals.map((decl) => one("signal", decl.name, signalConfig(decl))),
      ...units.services.map((decl) => one("service", decl.name, serviceConfig(decl))),
      ...units.variables.map((decl) => one("variable", decl.name, variableConfig(decl))),
      ...units.permissions.flatMap((decl) => (decl.origin === undefined ? [] : [one("permission", decl.name, permissionConfig(decl))])),
      ...units.mounts.map((decl) => one("mount", decl.name, mountConfig(decl))),
      ...units.networks.map((decl) => one("network", decl.name, networkConfig(decl))),
    ],
    settings: flatten(settingsConfig(units.settings), []).map(([path, value]) => {
      const place = places.find(settings, path);
      return { path, value, source: place === undefined ? { kind: "default" } : { kind: "unit", ...place } };
    }),
  };
}

/** An entry of `after` that a `before` elsewhere has made. */
function foreignPlace(service: string, foreign: ReadonlyMap<string, ForeignPlace>, places: Places): Origin | undefined {
  const place = foreign.get(placeKey(service, 0));
  return place === undefined ? undefined : places.find({ layers: place.layers, table: {} }, place.path);
}

/** Tables fall into their keys; an empty one, a list and all else are values. */
function flatten(table: JsonObject, above: readonly string[]): [readonly string[], Json][] {
  return Object.entries(table).flatMap(([key, value]): [readonly string[], Json][] => {
    const path = [...above, key];
    return isTable(value) && Object.keys(value).length > 0 ? flatten(value, path) : [[path, value]];
  });
}

function isTable(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What was merged out of layers. */
interface Written {
  readonly layers: readonly Layer[];
  readonly table: TomlTable;
}

/** Where keys are written, file by file. */
class Places {
  readonly #indexes = new Map<SourceFile, PositionIndex>();

  /** The last layer lies on top. undefined: the key is written in none. */
  find({ layers, table }: Written, path: Path): Origin | undefined {
    for (const spelling of spellings(path, table)) {
      for (const layer of layers.toReversed()) {
        if (layer.at !== undefined && spelling !== path) continue;
        const inFile = layer.at?.(spelling) ?? [...layer.path, ...spelling];
        const { line, depth } = this.#index(layer.file)(inFile, true);
        if (depth === inFile.length) return { file: layer.file.name, line };
      }
    }
    return undefined;
  }

  #index(file: SourceFile): PositionIndex {
    const known = this.#indexes.get(file) ?? indexPositions(file.text);
    this.#indexes.set(file, known);
    return known;
  }
}

/** A key may be written in another unit of time, under another name, or as the short form of the table that it is in. */
function spellings(path: Path, table: TomlTable): readonly Path[] {
  const [first = "", second] = path;
  const plain = path.map((step, index) => (index === path.length - 1 && typeof step === "string" ? step.replace(/-ms$/, "") : step));
  const others = OTHERS.find(({ native }) => native.length === path.length && native.every((step, index) => path[index] === step));
  const isShort = SHORT.some(([key, below, given]) => key === first && below === second && isShortForm(table[key], given));
  return [path, plain, ...(others?.written ?? []), ...(isShort ? [[first]] : [])];
}

function isShortForm(value: unknown, given: unknown): boolean {
  return value !== undefined && !isTomlTable(value) && (given === undefined || value === given);
}

const OTHERS: readonly { readonly native: Path; readonly written: readonly Path[] }[] = [
  {
    native: ["run", "exec"],
    written: [
      ["run", "shell"],
      ["run", "variable"],
    ],
  },
  {
    native: ["run", "args"],
    written: [
      ["run", "shell"],
      ["run", "variable"],
    ],
  },
  { native: ["stop-command", "exec"], written: [["stop-command", "shell"]] },
  { native: ["stop-command", "args"], written: [["stop-command", "shell"]] },
  { native: ["startup", "exec"], written: [["startup", "shell"]] },
  { native: ["startup", "args"], written: [["startup", "shell"]] },
  { native: ["ready", "notify"], written: [["type"]] },
  {
    native: ["ready", "timeout-ms"],
    written: [
      ["ready", "probe-timeout-ms"],
      ["ready", "probe-timeout"],
    ],
  },
  {
    native: ["health", "timeout-ms"],
    written: [
      ["health", "probe-timeout-ms"],
      ["health", "probe-timeout"],
    ],
  },
  { native: ["watchdog", "interval-ms"], written: [["watchdog", "usec"]] },
];

/** Keys that a value in place of their table says: `restart = true`, `run = "cmd"`; the last word is the only such value, where not any does. */
const SHORT: readonly (readonly [table: string, key: string, value?: unknown])[] = [
  ["run", "exec"],
  ["run", "args"],
  ["stop-command", "exec"],
  ["stop-command", "args"],
  ["startup", "exec"],
  ["startup", "args"],
  ["restart", "on"],
  ["restart", "max-retries", true],
];
