/** A value of RFC 8259. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A json object. Objects that come from outside have no prototype to be trusted: read them by own keys only. */
export interface JsonObject {
  readonly [key: string]: Json;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
