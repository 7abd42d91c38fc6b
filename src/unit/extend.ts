/** `extends`: a service takes over the fields of another, its own on top. What tells who an item is, is not taken over. */
import type { Item } from "./collect-items.ts";
import { describeMissing, type Names } from "./names.ts";
import { type Problem, reportInto } from "./problem.ts";
import { mergeTables, type TomlTable } from "./toml-table.ts";

const OWN = ["name", "extends", "template", "enabled"];

/**
 * The items with every `extends` carried out. A circle is an error, told of each service in it. `leavesOut`: what has errors is left out, and
 * the rest is to run.
 */
export function extendServices(items: readonly Item[], names: Names, leavesOut: boolean, problems: Problem[]): readonly Item[] {
  if (!items.some(({ section, table }) => section === "service" && table["extends"] !== undefined)) return items;
  const services = new Map(items.filter(({ section }) => section === "service").map((item) => [item.name, item]));
  const done = new Map<Item, Item>();

  const extended = (item: Item, chain: readonly Item[]): Item => {
    const known = done.get(item);
    if (known !== undefined) return known;
    const base = baseOf(item);
    if (base === undefined) return item;
    if (base === item || chain.includes(base)) {
      const circle = [...chain.slice(chain.indexOf(base)), item, base].map(({ name }) => name).join(" -> ");
      reportInto(problems, item.layers).error(["extends"], `services extend each other in a circle: ${circle}`, "leave out one of these");
      return item;
    }
    const whole = lay(item, extended(base, [...chain, item]));
    done.set(item, whole);
    return whole;
  };

  const baseOf = (item: Item): Item | undefined => {
    const reference = item.table["extends"];
    if (item.section !== "service" || typeof reference !== "string") return undefined;
    const found = names.find(["service"], reference, item.group);
    if (found.kind === "one") return services.get(found.name);
    if (names.mayBeUnread(reference)) {
      // without the fields that it took from there it would be another service
      if (leavesOut) reportInto(problems, item.layers).error(["extends"], `"${reference}" lies in a file that could not be read`);
      return undefined;
    }
    const { message, hint } = describeMissing("service", reference, item.group, found, names);
    reportInto(problems, item.layers).error(["extends"], message, hint);
    return undefined;
  };

  return items.map((item) => extended(item, []));
}

function lay(item: Item, base: Item): Item {
  const inherited: TomlTable = Object.assign(Object.create(null), base.table);
  for (const key of OWN) delete inherited[key];
  return { ...item, layers: [...base.layers, ...item.layers], table: mergeTables(inherited, item.table) };
}
