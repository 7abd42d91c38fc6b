import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/**
 * What a param may be. From one declaration come the check, which takes a value as it is or says what is wrong with it, what the OpenRPC document
 * says of it, and its type. By hand and not by a schema library: this is loaded before the first service is started, and asked for every call.
 */
export interface ParamKind<T> {
  /** Json Schema. */
  readonly schema: JsonObject;
  readonly description: string | undefined;
  readonly isNeeded: boolean;
  /** In place of what is not given. */
  readonly otherwise: T | undefined;
  /** What is wrong with a value, as the rest of a sentence; undefined: nothing is. */
  readonly flaw: Flaw;
}

type Flaw = (value: Json) => string | undefined;
export type ParamTable = Readonly<Record<string, ParamKind<unknown>>>;
/** The params of a table as they are read. */
export type ReadParams<T extends ParamTable> = { readonly [K in keyof T]: T[K] extends ParamKind<infer V> ? V : never };

function kind<T>(schema: JsonObject, flaw: Flaw): ParamKind<T> {
  return { schema, description: undefined, isNeeded: true, otherwise: undefined, flaw };
}

function integer(least: number, wrong: string): ParamKind<number> {
  const flaw: Flaw = (value) => (Number.isSafeInteger(value) && Number(value) >= least ? undefined : wrong);
  return kind({ type: "integer", minimum: least, maximum: Number.MAX_SAFE_INTEGER }, flaw);
}

export const text = kind<string>({ type: "string" }, (value) => (typeof value === "string" ? undefined : "must be a string"));
export const name = kind<string>(
  { type: "string", minLength: 1 },
  (value) => text.flaw(value) ?? (value === "" ? "must not be empty" : undefined),
);
export const flag = optional(
  kind<boolean>({ type: "boolean" }, (value) => (typeof value === "boolean" ? undefined : "must be true or false")),
  false,
);
export const count = integer(0, "must be a whole number from 0 on");
export const pid = integer(1, "must be a whole number from 1 on");
export const whole = integer(Number.MIN_SAFE_INTEGER, "must be a whole number");
export const number = kind<number>({ type: "number" }, (value) => (Number.isFinite(value) ? undefined : "must be a number"));
/** Its size and depth are checked apart. */
export const json = kind<Json>({}, () => undefined);

export function oneOf<T extends string>(words: readonly T[]): ParamKind<T> {
  const known: ReadonlySet<Json> = new Set(words);
  return kind({ type: "string", enum: words }, (value) => (known.has(value) ? undefined : `must be one of ${words.join(", ")}`));
}

export function either<A, B>(a: ParamKind<A>, b: ParamKind<B>): ParamKind<A | B> {
  return kind({ anyOf: [a.schema, b.schema] }, (value) => {
    const flaw = a.flaw(value);
    return flaw === undefined || b.flaw(value) === undefined ? undefined : `${flaw}, or ${b.flaw(value)}`;
  });
}

/** `empty`: what is wrong with a list that is; undefined: nothing. */
export function list<T>(of: ParamKind<T>, empty?: string): ParamKind<readonly T[]> {
  const schema = { ...(empty === undefined ? {} : { minItems: 1 }), type: "array", items: of.schema };
  return kind(schema, (value) => {
    if (!Array.isArray(value)) return "must be a list";
    if (value.length === 0) return empty;
    for (const [at, item] of value.entries()) {
      const flaw = of.flaw(item);
      if (flaw !== undefined) return `${at}: ${flaw}`;
    }
    return undefined;
  });
}

export function optional<T>(of: ParamKind<T>): ParamKind<T | undefined>;
export function optional<T>(of: ParamKind<T>, otherwise: T & Json): ParamKind<T>;
export function optional<T>(of: ParamKind<T>, otherwise?: T & Json): ParamKind<T | undefined> {
  return { ...of, isNeeded: false, otherwise, schema: otherwise === undefined ? of.schema : { default: otherwise, ...of.schema } };
}

export function described<T>(description: string, of: ParamKind<T>): ParamKind<T> {
  return { ...of, description };
}

/** The params, which are `given` itself with what it leaves out, or what is wrong with them, each mistake a sentence. */
export function readParams<T extends ParamTable>(
  table: T,
  given: Json,
): { readonly params: ReadParams<T> } | { readonly mistakes: readonly string[] } {
  if (!isJsonObject(given)) return { mistakes: ["params must be an object"] };
  const mistakes: string[] = [];
  for (const key in given) {
    const of = Object.hasOwn(table, key) ? table[key] : undefined;
    const flaw = of === undefined ? "there is no such param" : of.flaw(given[key] ?? null);
    if (flaw !== undefined) mistakes.push(`${key}: ${flaw}`);
  }
  // a copy would cost more than all the rest
  const params: Record<string, unknown> = given;
  for (const key in table) {
    if (Object.hasOwn(given, key)) continue;
    const { isNeeded, otherwise } = table[key] ?? json;
    if (isNeeded) mistakes.push(`${key}: must be given`);
    if (otherwise !== undefined) params[key] = otherwise;
  }
  // each value is what its kind takes
  return mistakes.length > 0 ? { mistakes } : { params: params as ReadParams<T> };
}
