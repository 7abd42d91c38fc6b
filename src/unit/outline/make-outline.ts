/** Makes the outline of zod schemas. What it does not know it refuses, so that no schema can say more than its outline. */
import * as z from "zod";
import type { Meanings } from "../../lib/outline-reader.ts";
import type { NodeNo, Outline, OutlineNode, OutlineTable } from "../../lib/outline.ts";

type Schema = z.core.$ZodType;

/** The outline of these schemas as the text of a json file. `meanings`: the functions in them. */
export function outlineText(schemas: Readonly<Record<string, Schema>>, meanings: Meanings): string {
  const { nodes, roots } = makeOutline(schemas, meanings);
  return `{"nodes":[\n${nodes.map((node) => JSON.stringify(node)).join(",\n")}\n],\n"roots":${JSON.stringify(roots)}}\n`;
}

function makeOutline(schemas: Readonly<Record<string, Schema>>, meanings: Meanings): Outline {
  const maker = new Maker(meanings);
  const roots = Object.entries(schemas).map(([name, schema]) => [name, maker.node(schema)]);
  return { nodes: maker.nodes, roots: Object.fromEntries(roots) };
}

class Maker {
  readonly nodes: OutlineNode[] = [];
  readonly #bySchema = new Map<Schema, NodeNo>();
  readonly #byText = new Map<string, NodeNo>();
  /** The functions by what they are. */
  readonly #names: ReadonlyMap<unknown, string>;

  constructor(meanings: Meanings) {
    this.#names = new Map(Object.entries(meanings).map(([name, meaning]) => [meaning, name]));
  }

  node(schema: Schema): NodeNo {
    const known = this.#bySchema.get(schema);
    if (known !== undefined) return known;
    const def = defOf(schema);
    if (def.type === "lazy") return this.#later(schema, def.getter());
    const { node, checks } = this.#bare(schema);
    let no = this.#add(node);
    for (const by of checks) no = this.#add({ is: "checked", of: no, by });
    this.#bySchema.set(schema, no);
    return no;
  }

  /** A schema that holds itself: its place is kept until it is known. */
  #later(schema: Schema, inner: Schema): NodeNo {
    const no = this.nodes.push({ is: "nothing" }) - 1;
    this.#bySchema.set(schema, no);
    this.nodes[no] = { is: "one-of", of: [this.node(inner)] };
    return no;
  }

  #add(node: OutlineNode): NodeNo {
    const text = JSON.stringify(node);
    const no = this.#byText.get(text) ?? this.nodes.push(node) - 1;
    this.#byText.set(text, no);
    return no;
  }

  /** Without the functions that are asked about its value, which are named in `checks`. */
  #bare(schema: Schema): { readonly node: OutlineNode; readonly checks: readonly string[] } {
    const def = defOf(schema);
    const asked = checksOf(def).filter(({ check }) => check === "custom");
    const named = asked.flatMap(({ fn }) => this.#names.get(fn) ?? []);
    const rules = rulesOf(schema);
    // of each rule of a table schema/build.ts makes two functions, which have no names
    if (asked.length !== named.length + 2 * rules.length) throw new Error(`a function in a schema of type ${def.type} has no name`);
    return { node: this.#ofType(schema, def, rules), checks: named };
  }

  #ofType(schema: Schema, def: Def, rules: OutlineTable["rules"]): OutlineNode {
    const others = checksOf(def).filter(({ check }) => check !== "custom");
    switch (def.type) {
      case "string":
        return { is: "text", ...textLimits(others) };
      case "number":
        return { is: "number", whole: [def, ...others].some(isInt), ...limits(others.filter((check) => !isInt(check))) };
      case "boolean":
        return { is: "truth" };
      case "never":
        return { is: "nothing" };
      case "literal":
        return { is: "same", as: def.values.map(plainValue) };
      case "enum":
        return { is: "same", as: Object.values(def.entries) };
      case "custom":
        return this.#bareCustom(def.fn);
      case "union":
        return { is: "one-of", of: def.options.map((option) => this.node(option)) };
      case "array":
        return { is: "list", of: this.node(def.element), ...lengths(others) };
      case "record":
        return { is: "record", key: this.node(def.keyType), value: this.node(def.valueType) };
      case "object":
        return this.#table(def.shape, def.catchall, rules);
      case "pipe":
        return this.#pipe(schema, def.in, def.out);
      default:
        throw new Error(`the outline knows no schema of type ${def.type}`);
    }
  }

  #bareCustom(fn: unknown): OutlineNode {
    return { is: "checked", of: this.#add({ is: "anything" }), by: this.#nameOf(fn) };
  }

  #nameOf(meaning: unknown): string {
    const name = this.#names.get(meaning);
    if (name === undefined) throw new Error(`a function in a schema has no name: ${String(meaning)}`);
    return name;
  }

  #pipe(whole: Schema, from: Schema, to: Schema): OutlineNode {
    const def = defOf(from);
    if (def.type === "enum") {
      const words = Object.values(def.entries).map(String);
      const means = words.flatMap((word): [string, string][] => {
        const parsed = z.safeParse(whole, word);
        return parsed.success ? [[word, String(parsed.data)]] : [];
      });
      return { is: "word", means: Object.fromEntries(means) };
    }
    const end = defOf(to);
    if (end.type !== "transform") throw new Error(`the outline knows no pipe into a schema of type ${end.type}`);
    return { is: "made", of: this.node(from), by: this.#nameOf(end.transform) };
  }

  #table(shape: Readonly<Record<string, Schema>>, catchall: Schema | undefined, rules: OutlineTable["rules"]): OutlineNode {
    if (catchall === undefined || defOf(catchall).type !== "never") throw new Error("the outline knows no table with further keys");
    const keys: Record<string, NodeNo> = {};
    const need: string[] = [];
    const defaults: Record<string, unknown> = {};
    for (const [key, schema] of Object.entries(shape)) {
      const def = defOf(schema);
      if (def.type === "optional") keys[key] = this.node(def.innerType);
      else if (def.type === "prefault" || def.type === "default") {
        keys[key] = this.node(def.innerType);
        defaults[key] = z.parse(schema, undefined);
      } else {
        keys[key] = this.node(schema);
        need.push(key);
      }
    }
    return { is: "table", keys, need, defaults, rules };
  }
}

type Def = z.core.$ZodTypes["_zod"]["def"];

/** What the definitions of checks say, whichever they are. */
interface CheckDef {
  readonly check: string;
  readonly format?: string;
  readonly fn?: unknown;
  readonly pattern?: RegExp;
  readonly value?: unknown;
  readonly inclusive?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly length?: number;
}

function defOf(schema: Schema): Def {
  // as: zod does not say that these are all the schemas there are
  return (schema as z.core.$ZodTypes)._zod.def;
}

function checksOf(def: Def): readonly CheckDef[] {
  return (def.checks ?? []).map((check) => check._zod.def);
}

function rulesOf(schema: Schema): OutlineTable["rules"] {
  const rules = z.globalRegistry.get(schema)?.["oneOfKeys"];
  return Array.isArray(rules) ? rules : [];
}

function textLimits([check, ...more]: readonly CheckDef[]): { readonly like?: string; readonly min?: number } {
  if (check === undefined) return {};
  if (more.length > 0) throw new Error("the outline knows one check of a text");
  if (check.check === "min_length" && check.minimum !== undefined) return { min: check.minimum };
  if (check.pattern?.flags !== "") throw new Error("the outline knows texts of one pattern, without flags");
  return { like: check.pattern.source };
}

function isInt(def: object): boolean {
  return "format" in def && def.format === "safeint";
}

function limits(checks: readonly CheckDef[]): { readonly min?: number; readonly max?: number } {
  const of = (check: string): number[] =>
    checks.filter((def) => def.check === check).map((def) => (def.inclusive === true ? Number(def.value) : Number.NaN));
  const [min, max] = [of("greater_than"), of("less_than")];
  const other = checks.find((def) => def.check !== "greater_than" && def.check !== "less_than");
  if (other !== undefined) throw unknownCheck(other);
  if ([...min, ...max].some(Number.isNaN)) throw new Error("the outline knows no limit that is not itself allowed");
  return { ...(min.length === 0 ? {} : { min: Math.max(...min) }), ...(max.length === 0 ? {} : { max: Math.min(...max) }) };
}

function lengths(checks: readonly CheckDef[]): { readonly min: number; readonly max?: number } {
  let [min, max] = [0, Number.POSITIVE_INFINITY];
  for (const def of checks) {
    if (def.minimum === undefined && def.maximum === undefined && def.length === undefined) throw unknownCheck(def);
    min = Math.max(min, def.minimum ?? def.length ?? 0);
    max = Math.min(max, def.maximum ?? def.length ?? max);
  }
  return max === Number.POSITIVE_INFINITY ? { min } : { min, max };
}

function unknownCheck({ check, format }: CheckDef): Error {
  return new Error(`the outline knows no check ${check} ${format ?? ""}`);
}

function plainValue(value: unknown): string | number | boolean {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  throw new Error(`the outline knows no literal ${String(value)}`);
}
