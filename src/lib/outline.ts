/**
 * Schemas in short: which values they take as they are, and what becomes of these. Made of zod schemas (`npm run schema`) and kept beside them, so that
 * a daemon whose units and callers make no mistake never builds a schema.
 */

/** Number of a node in `Outline.nodes`. */
export type NodeNo = number;

export type OutlineNode =
  | { readonly is: "anything" | "nothing" | "truth" }
  /** Text that matches this regular expression, and has at least so many UTF-16 units. */
  | { readonly is: "text"; readonly like?: string; readonly min?: number }
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
  /** What `of` takes, made into what `by` makes of it: the name of a function that the reader is given. */
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
