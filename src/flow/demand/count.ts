import { isJsonObject, type Json } from "../../model/json.ts";
import type { PayloadKind } from "../../model/unit-set.ts";
import type { Literal } from "../condition.ts";
import { matches, scalarText } from "../payload.ts";

/** Which instances a change concerns: all of them, or the one with this key. */
export type Reach = { readonly kind: "all" } | { readonly kind: "key"; readonly key: string };

const ALL: Reach = { kind: "all" };
const NO_KEYS: readonly string[] = [];

/**
 * How many branches a literal accepts: those without the key field of the service, which every instance sees, and those of each
 * key. Kept up to date by facts, because judging by a scan costs milliseconds per condition on a large state.
 */
export class Count {
  readonly literal: Literal;
  readonly #kind: PayloadKind;
  /** The field by which the service branches; undefined: it does not, and every branch is seen. */
  readonly #field: string | undefined;
  #loose = 0;
  #byKey: Map<string, number> | undefined;

  constructor(literal: Literal, kind: PayloadKind, field: string | undefined) {
    this.literal = literal;
    this.#kind = kind;
    this.#field = field;
  }

  /** Counts a branch that is there from the start. */
  add(payload: Json): void {
    this.#shift(payload, 1);
  }

  /** Takes a change of one branch; tells whom it concerns, nobody where the same instances accept as many branches as before. */
  change(before: Json | undefined, after: Json | undefined): readonly Reach[] {
    const left = before === undefined ? undefined : this.#shift(before, -1);
    const came = after === undefined ? undefined : this.#shift(after, 1);
    if (left !== undefined && came !== undefined && sameReach(left, came)) return [];
    return [left, came].filter((reach) => reach !== undefined);
  }

  /** Whether the literal, with its sign, holds for the instance with this key. */
  holds(key: string): boolean {
    return (this.#loose > 0 || this.has(key)) !== this.literal.negated;
  }

  /** The keys that accepted branches carry, in the order in which they came. */
  keys(): Iterable<string> {
    return this.#byKey?.keys() ?? NO_KEYS;
  }

  has(key: string): boolean {
    return this.#byKey?.has(key) === true;
  }

  /** Branches that carry no key. */
  get loose(): number {
    return this.#loose;
  }

  #shift(payload: Json, by: 1 | -1): Reach | undefined {
    if (!matches(this.literal.match, payload, this.#kind)) return undefined;
    const key = keyIn(payload, this.#field);
    if (key === undefined) {
      this.#loose += by;
      return ALL;
    }
    this.#byKey ??= new Map();
    const count = (this.#byKey.get(key) ?? 0) + by;
    if (count === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, count);
    return { kind: "key", key };
  }
}

/** The text of the key field of a payload; undefined where there is none, and so everybody sees it. */
export function keyIn(payload: Json, field: string | undefined): string | undefined {
  if (field === undefined || !isJsonObject(payload) || !Object.hasOwn(payload, field)) return undefined;
  return scalarText(payload[field]);
}

function sameReach(a: Reach, b: Reach): boolean {
  return a.kind === "all" ? b.kind === "all" : b.kind === "key" && a.key === b.key;
}
