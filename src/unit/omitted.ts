import type { Collected, Item } from "./collect-items.ts";
import type { Layer } from "./problem.ts";

/** What is left out because of errors. */
export interface Omitted {
  /** Of each item the table that lies on top: `extends` makes other items of them, and leaves that one alone. */
  readonly items: ReadonlySet<Layer>;
  readonly settings: ReadonlySet<string>;
}

export function isOmitted(item: Item, omitted: Omitted | undefined): boolean {
  const own = item.layers.at(-1);
  return own !== undefined && omitted?.items.has(own) === true;
}

export function withoutSettings(settings: Collected["settings"], omitted: Omitted | undefined): Collected["settings"] {
  if (omitted === undefined || omitted.settings.size === 0) return settings;
  const table = Object.fromEntries(Object.entries(settings.table).filter(([key]) => !omitted.settings.has(key)));
  return { ...settings, table };
}
