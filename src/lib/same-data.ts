/** Whether two values that hold data alone (no functions, no classes, no circles) are the same, key by key in the same order. */
export function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && sameList(a, b);
  const keys = Object.keys(a);
  const others = Object.keys(b);
  return keys.length === others.length && keys.every((key, index) => key === others[index] && sameData(valueOf(a, key), valueOf(b, key)));
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((entry, index) => sameData(entry, b[index]));
}

function valueOf(table: object, key: string): unknown {
  return (table as Readonly<Record<string, unknown>>)[key]; // as: `key` is one of its keys
}
