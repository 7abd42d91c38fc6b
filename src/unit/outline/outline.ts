/**
 * The schemas of unit files in short: which values they take as they are, and what becomes of these. Made of the zod schemas
 * (`make-outline.ts`) when the program is built, so that a daemon whose units are right never builds a schema.
 */

/** Number of a node in `Outline.nodes`. */
export type NodeNo = number;

export type OutlineNode =
  | { readonly is: "anything" | "nothing" | "truth" }
  /** Text that matches this regular expression. */
  | { readonly is: "text"; readonly like: string }
  | { readonly is: "number"; readonly whole: boolean; readonly min?: number; readonly max?: number }
  | { readonly is: "same"; readonly as: readonly (string | number | boolean)[] }
  /** One of these words, each with what it becomes. */
  | { readonly is: "word"; readonly means: Readonly<Record<string, string>> }
  /** The first of these that takes the value. */
  | { readonly is: "one-of"; readonly of: readonly NodeNo[] }
  | { readonly is: "list"; readonly of: NodeNo; readonly min: number; readonly max?: number }
  | OutlineTable
  /** A table of keys that people choose themselves. */
  | { readonly is: "record"; readonly key: NodeNo; readonly value: NodeNo }
  /** What `of` takes, made into what `by` makes of it: a name in `meanings.ts`. */
  | { readonly is: "made"; readonly of: NodeNo; readonly by: string }
  /** What `of` takes where `by` agrees with it. */
  | { readonly is: "checked"; readonly of: NodeNo; readonly by: string };

export interface OutlineTable {
  readonly is: "table";
  readonly keys: Readonly<Record<string, NodeNo>>;
  readonly need: readonly string[];
  /** Values of keys that are not given. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Of these keys at most one is given, and at least as many as `least`. */
  readonly rules: readonly { readonly keys: readonly string[]; readonly least: number }[];
}

export interface Outline {
  readonly nodes: readonly OutlineNode[];
  readonly roots: Readonly<Record<string, NodeNo>>;
}
