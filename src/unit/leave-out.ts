/**
 * The degraded load (SPEC 2): what has errors is left out, and the rest is assembled anew, until nothing is wrong any more. What an error is told
 * of is left out: an item, all of a foreign file, a key of [settings]; of a circle so the service that it is told of, the first of them by name.
 * What refers to it stays, except a service that takes fields over from it or its command from it: without these it would be another service.
 */
import { type Diagnostic, formatDiagnostic } from "../errors/unit-error.ts";
import type { Assembly } from "./assemble.ts";
import type { Collected } from "./collect-items.ts";
import type { Omitted } from "./omitted.ts";
import type { Layer, Problem } from "./problem.ts";
import { placer } from "./place-problems.ts";
import { SECTIONS } from "./schema/sections.ts";

/** Something that a unit set lacks because of errors. */
export interface LeftOut {
  /** In full; `settings.KEY` of a setting; undefined: the file as a whole, or a part of it that is no item. */
  readonly item: string | undefined;
  readonly file: string;
  /** Each mistake with its place and what would be right. */
  readonly message: string;
}

/** What was found before anything is left out: `placed` and `problems` before there were items, `first` with all of them. */
interface Found {
  readonly placed: readonly Diagnostic[];
  readonly problems: readonly Problem[];
  readonly first: readonly Problem[];
}

export async function leaveOutBad(
  collected: Collected,
  { placed, problems, first }: Found,
  assemble: (omitted: Omitted) => Promise<Assembly>,
): Promise<{ readonly whole: Assembly; readonly leftOut: readonly LeftOut[] }> {
  const place = await placer();
  const told = new Told(placed);
  const items = new Set<Layer>();
  const settings = new Set<string>();
  const take = (problem: Problem): void => {
    const targets = targetsOf(problem, collected);
    for (const { item, layer, setting } of targets) {
      told.add(item, place(problem));
      if (layer !== undefined) items.add(layer);
      if (setting !== undefined) settings.add(setting);
    }
    if (targets.length === 0) told.add(undefined, place(problem));
  };
  const isNew = (problem: Problem): boolean =>
    isError(problem) && !targetsOf(problem, collected).some(({ layer }) => layer !== undefined && items.has(layer));
  let bad = [...problems, ...first].filter(isError);
  for (let round = 0; ; round += 1) {
    const before = items.size + settings.size;
    bad.forEach(take);
    // An error that is told of nothing that could go: nobody has thought of one, and a boot must not hang on it.
    const isStuck = round > 0 && items.size + settings.size === before;
    if (isStuck) leaveOutAll(collected, items, settings);
    const whole = await assemble({ items, settings });
    bad = whole.problems.filter(isNew);
    if (bad.length === 0 || isStuck) return { whole, leftOut: told.all };
  }
}

function leaveOutAll(collected: Collected, items: Set<Layer>, settings: Set<string>): void {
  for (const { layers } of collected.items) for (const layer of layers.slice(-1)) items.add(layer);
  for (const key of Object.keys(collected.settings.table)) settings.add(key);
}

interface Target {
  readonly item: string | undefined;
  readonly layer: Layer | undefined;
  readonly setting: string | undefined;
}

/** What has to go because of a problem. Empty: nothing, what it is about was passed over already. */
function targetsOf({ layers, path }: Problem, { items }: Collected): readonly Target[] {
  const layer = layers.at(-1);
  if (layer === undefined) return [];
  const [section, index] = [...layer.path, ...path];
  if (section === "settings" && typeof index === "string") return [{ item: `settings.${index}`, layer: undefined, setting: index }];
  const isWhole =
    layer.file.item !== undefined || items.some((item) => item.foreign && item.layers.some(({ file }) => file === layer.file));
  if (!isWhole && !(SECTIONS.some((each) => each === section) && typeof index === "number")) return [];
  return items.flatMap((item): Target[] => {
    const own = item.layers.at(-1);
    const concerned = item.layers.some(({ file, path: at }) => file === layer.file && (isWhole || (at[0] === section && at[1] === index)));
    return own === undefined || !concerned ? [] : [{ item: item.name, layer: own, setting: undefined }];
  });
}

function isError({ severity }: Problem): boolean {
  return severity === "error";
}

/** One entry for each item, and for each place that is in none. */
class Told {
  readonly #byItem = new Map<string, { readonly item: string | undefined; readonly file: string; readonly messages: Set<string> }>();

  constructor(placed: readonly Diagnostic[]) {
    for (const each of placed) if (each.severity === "error") this.add(undefined, each);
  }

  add(item: string | undefined, mistake: Diagnostic): void {
    const { file, line, column } = mistake;
    const message = formatDiagnostic(mistake);
    const id = item ?? `${file}:${line}:${column}`;
    const known = this.#byItem.get(id);
    if (known === undefined) this.#byItem.set(id, { item, file, messages: new Set([message]) });
    else known.messages.add(message);
  }

  get all(): readonly LeftOut[] {
    return [...this.#byItem.values()].map(({ item, file, messages }) => ({ item, file, message: [...messages].join("; ") }));
  }
}
