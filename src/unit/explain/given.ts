import type { Json, JsonObject } from "../../model/json.ts";

/** A table without the keys that have no value. */
export function given(table: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(table).flatMap(([key, value]): [string, Json][] => (value === undefined ? [] : [[key, value]])));
}
