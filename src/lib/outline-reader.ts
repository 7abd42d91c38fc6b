import type { NodeNo, Outline, OutlineNode, OutlineTable } from "./outline.ts";

/** What is read instead of a value that an outline does not take. */
export const ODD = Symbol("odd");

/** The functions that an outline calls by name: what schemas ask and make of a value beyond its type. */
export type Meanings = Readonly<Record<string, unknown>>;

type Call = (value: unknown) => unknown;

const patterns = new Map<string, RegExp>();

/**
 * Reads values by an outline. Where it takes one, the schema takes it too and makes the same of it; where it does not, the schema says why. It is here
 * because to build zod's schemas and to read a thousand services by them takes longer than all else in a load.
 */
export class OutlineReader {
  readonly #nodes: readonly OutlineNode[];
  readonly #roots: Outline["roots"];
  readonly #meanings: Readonly<Record<string, Call>>;
  readonly #templates = new Map<OutlineTable, Readonly<Record<string, unknown>>>();

  constructor({ nodes, roots }: Outline, meanings: Meanings) {
    this.#nodes = nodes;
    this.#roots = roots;
    // as: those that stand in an outline are functions, and take what the node below them gives
    this.#meanings = meanings as Readonly<Record<string, Call>>;
  }

  /** `value` as the schema called `root` reads it, or `ODD`. Keys that are not given are there, with their default or undefined; defaults are
   * shared by all that is read. */
  read(root: string, value: unknown): unknown {
    return this.#read(this.#roots[root] ?? -1, value);
  }

  #read(no: NodeNo, value: unknown): unknown {
    const node = this.#nodes[no];
    switch (node?.is) {
      case "text":
        return typeof value === "string" && isText(node, value) ? value : ODD;
      case "table":
        return isTable(value) ? this.#readTable(node, value) : ODD;
      case "one-of":
        return this.#readOneOf(node.of, value);
      case "list":
        return Array.isArray(value) ? this.#readList(node, value) : ODD;
      case "truth":
        return typeof value === "boolean" ? value : ODD;
      case "word":
        return typeof value === "string" && Object.hasOwn(node.means, value) ? node.means[value] : ODD;
      case "same":
        return node.as.includes(value as string) ? value : ODD;
      case "number":
        return isNumber(node, value) ? value : ODD;
      case "made":
        return this.#apply(node.by, this.#read(node.of, value));
      case "checked": {
        const inner = this.#read(node.of, value);
        return this.#apply(node.by, inner) === true ? inner : ODD;
      }
      case "record":
        return isTable(value) ? this.#readRecord(node, value) : ODD;
      case "anything":
        return value;
      default:
        return ODD;
    }
  }

  #apply(name: string, value: unknown): unknown {
    return value === ODD ? ODD : this.#meanings[name]?.(value);
  }

  #readTable(node: OutlineTable, table: Readonly<Record<string, unknown>>): unknown {
    const { keys, need, rules } = node;
    const made = { ...this.#templateOf(node) };
    for (const key in table) {
      if (!Object.hasOwn(keys, key)) return ODD;
      const value = this.#read(keys[key] ?? -1, table[key]);
      if (value === ODD) return ODD;
      made[key] = value;
    }
    return need.every((key) => Object.hasOwn(table, key)) && rules.every((rule) => isKept(rule, table)) ? made : ODD;
  }

  /**
   * A table with all its keys, those undefined that have no default. Copies of it have one shape, and nothing is added to them: V8 takes 8 us for
   * each key that is added to a copy, and as long to find that a key is not there where shapes differ.
   */
  #templateOf(node: OutlineTable): Readonly<Record<string, unknown>> {
    const known = this.#templates.get(node);
    if (known !== undefined) return known;
    const template: Record<string, unknown> = { ...node.keys };
    for (const key in template) template[key] = node.defaults[key];
    this.#templates.set(node, template);
    return template;
  }

  #readOneOf(of: readonly NodeNo[], value: unknown): unknown {
    // an index, here and below: until it is compiled, for-of makes an object for each step, and this runs for each value of each unit
    for (let i = 0; i < of.length; i++) {
      const found = this.#read(of[i] ?? -1, value);
      if (found !== ODD) return found;
    }
    return ODD;
  }

  #readList({ of, min, max }: OutlineNode & { is: "list" }, list: readonly unknown[]): unknown {
    if (list.length < min || (max !== undefined && list.length > max)) return ODD;
    const made: unknown[] = [];
    for (let i = 0; i < list.length; i++) {
      const value = this.#read(of, list[i]);
      if (value === ODD) return ODD;
      made.push(value);
    }
    return made;
  }

  #readRecord({ key, value }: OutlineNode & { is: "record" }, table: Readonly<Record<string, unknown>>): unknown {
    const made: Record<string, unknown> = {};
    for (const name in table) {
      const entry = this.#read(value, table[name]);
      if (name === "__proto__" || entry === ODD || this.#read(key, name) === ODD) return ODD;
      made[name] = entry;
    }
    return made;
  }
}

function isKept({ keys, least }: OutlineTable["rules"][number], table: object): boolean {
  let given = 0;
  for (const key of keys) if (Object.hasOwn(table, key)) given += 1;
  return given <= 1 && given >= least;
}

function isNumber({ whole, min, max }: OutlineNode & { is: "number" }, value: unknown): boolean {
  if (typeof value !== "number" || !(whole ? Number.isSafeInteger(value) : Number.isFinite(value))) return false;
  return (min === undefined || value >= min) && (max === undefined || value <= max);
}

function isText({ like, min }: OutlineNode & { is: "text" }, text: string): boolean {
  return (min === undefined || text.length >= min) && (like === undefined || matches(like, text));
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
