/**
 * Reads tables of unit files by the outline of the schemas. Where it takes a table, zod takes it too and makes the same of it; where it does
 * not, zod says why. It is here because to build the schemas and to read a thousand services by them takes longer than all else in a load.
 */
import * as meanings from "../schema/meanings.ts";
import type { NodeNo, Outline, OutlineNode, OutlineTable } from "./outline.ts";
import json from "./outline.json" with { type: "json" };

/** What is read instead of a value that the outline does not take. */
export const ODD = Symbol("odd");

// as: the types of json know no unions
const { nodes, roots } = json as unknown as Outline;
// as: in the outline stand only functions that take what the node below them gives
const functions = meanings as unknown as Readonly<Record<string, (value: unknown) => unknown>>;
const patterns = new Map<string, RegExp>();
const templates = new Map<OutlineTable, Readonly<Record<string, unknown>>>();

/** `value` as the schema called `root` reads it, or `ODD`. Keys that are not given are there, with their default or undefined; defaults are
 * shared by all that is read. */
export function readByOutline(root: string, value: unknown): unknown {
  return read(roots[root] ?? -1, value);
}

function read(no: NodeNo, value: unknown): unknown {
  const node = nodes[no];
  switch (node?.is) {
    case "text":
      return typeof value === "string" && matches(node.like, value) ? value : ODD;
    case "table":
      return isTable(value) ? readTable(node, value) : ODD;
    case "one-of":
      return readOneOf(node.of, value);
    case "list":
      return Array.isArray(value) ? readList(node, value) : ODD;
    case "truth":
      return typeof value === "boolean" ? value : ODD;
    case "word":
      return typeof value === "string" && Object.hasOwn(node.means, value) ? node.means[value] : ODD;
    case "same":
      return node.as.includes(value as string) ? value : ODD;
    case "number":
      return isNumber(node, value) ? value : ODD;
    case "made":
      return apply(node.by, read(node.of, value));
    case "checked": {
      const inner = read(node.of, value);
      return apply(node.by, inner) === true ? inner : ODD;
    }
    case "record":
      return isTable(value) ? readRecord(node, value) : ODD;
    case "anything":
      return value;
    default:
      return ODD;
  }
}

function apply(name: string, value: unknown): unknown {
  return value === ODD ? ODD : functions[name]?.(value);
}

function readTable(node: OutlineTable, table: Readonly<Record<string, unknown>>): unknown {
  const { keys, need, rules } = node;
  const made = { ...templateOf(node) };
  for (const key in table) {
    if (!Object.hasOwn(keys, key)) return ODD;
    const value = read(keys[key] ?? -1, table[key]);
    if (value === ODD) return ODD;
    made[key] = value;
  }
  return need.every((key) => Object.hasOwn(table, key)) && rules.every((rule) => isKept(rule, table)) ? made : ODD;
}

function isKept({ keys, least }: OutlineTable["rules"][number], table: object): boolean {
  let given = 0;
  for (const key of keys) if (Object.hasOwn(table, key)) given += 1;
  return given <= 1 && given >= least;
}

/**
 * A table with all its keys, those undefined that have no default. Copies of it have one shape, and nothing is added to them: V8 takes 8 us for
 * each key that is added to a copy, and as long to find that a key is not there where shapes differ.
 */
function templateOf(node: OutlineTable): Readonly<Record<string, unknown>> {
  const known = templates.get(node);
  if (known !== undefined) return known;
  const template: Record<string, unknown> = { ...node.keys };
  for (const key in template) template[key] = node.defaults[key];
  templates.set(node, template);
  return template;
}

function readOneOf(of: readonly NodeNo[], value: unknown): unknown {
  // an index, here and below: until it is compiled, for-of makes an object for each step, and this runs for each value of each unit
  for (let i = 0; i < of.length; i++) {
    const found = read(of[i] ?? -1, value);
    if (found !== ODD) return found;
  }
  return ODD;
}

function readList({ of, min, max }: OutlineNode & { is: "list" }, list: readonly unknown[]): unknown {
  if (list.length < min || (max !== undefined && list.length > max)) return ODD;
  const made: unknown[] = [];
  for (let i = 0; i < list.length; i++) {
    const value = read(of, list[i]);
    if (value === ODD) return ODD;
    made.push(value);
  }
  return made;
}

function readRecord({ key, value }: OutlineNode & { is: "record" }, table: Readonly<Record<string, unknown>>): unknown {
  const made: Record<string, unknown> = {};
  for (const name in table) {
    const entry = read(value, table[name]);
    if (name === "__proto__" || entry === ODD || read(key, name) === ODD) return ODD;
    made[name] = entry;
  }
  return made;
}

function isNumber({ whole, min, max }: OutlineNode & { is: "number" }, value: unknown): boolean {
  if (typeof value !== "number" || !(whole ? Number.isSafeInteger(value) : Number.isFinite(value))) return false;
  return (min === undefined || value >= min) && (max === undefined || value <= max);
}

function matches(like: string, text: string): boolean {
  let pattern = patterns.get(like);
  if (pattern === undefined) {
    pattern = new RegExp(like);
    patterns.set(like, pattern);
  }
  return pattern.test(text);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
