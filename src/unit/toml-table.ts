/** A table of a file; its keys are its own ones, whether it has a prototype or not. */
export type TomlTable = Record<string, unknown>;

/** Whether `value` is a table; dates and lists are none. */
export function isTomlTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The value at `path`, or undefined. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) {
    if (Array.isArray(value) && typeof step === "number") value = value[step];
    else if (isTomlTable(value) && typeof step === "string" && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}

/** Keys whose value is a table of the user's own words. */
export const FREE_KEYS: ReadonlySet<string> = new Set(["env", "payload", "as", "default", "filter", "files", "ports", "headers"]);

/**
 * `over` laid over `base`: tables merge, lists and plain values replace. A setting that `over` gives in another unit of time replaces it too.
 * Neither is changed. `isFree`: the keys are the user's own words.
 */
export function mergeTables(base: TomlTable, over: TomlTable, isFree = false): TomlTable {
  const merged: TomlTable = Object.assign(Object.create(null), base);
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    if (!isFree) delete merged[key.endsWith("-ms") ? key.slice(0, -"-ms".length) : `${key}-ms`];
    merged[key] = isTomlTable(below) && isTomlTable(value) ? mergeTables(below, value, isFree || FREE_KEYS.has(key)) : value;
  }
  return merged;
}
