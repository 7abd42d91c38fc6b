/**
 * What schemas ask and make of a value beyond its type, by name: zod calls these, and so does the reader that takes zod's place where nothing
 * is wrong (`outline/read.ts`). Nothing here knows zod.
 */
import { parseDuration } from "../../lib/duration.ts";
import { parseSize } from "../../lib/size.ts";
import type { Json } from "../../model/json.ts";

/** Node's timers hold a signed 32-bit number of milliseconds; a longer wait would end at once. */
export const MAX_WAIT_MS = 2 ** 31 - 1;

/** Milliseconds of a duration; a bare number counts seconds. */
export function milliseconds(value: string | number): number {
  return typeof value === "number" ? value * 1_000 : (parseDuration(value) ?? Number(value) * 1_000);
}

export function isWaitable(ms: number): boolean {
  return ms <= MAX_WAIT_MS;
}

export function isAboveZero(value: number): boolean {
  return value > 0;
}

/** Bytes of a size; a bare number counts bytes. */
export function bytes(value: string | number): number {
  return typeof value === "number" ? value : (parseSize(value) ?? Number(value));
}

export function isWhole(value: number): boolean {
  return Number.isSafeInteger(value);
}

/** Any value that json can carry too: `nan` and `inf` are none. */
export function isJson(value: unknown): value is Json {
  if (typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isPlainTable(value) && Object.values(value).every(isJson);
}

export function isJsonTable(value: unknown): value is Readonly<Record<string, Json>> {
  return isPlainTable(value) && isJson(value);
}

function isPlainTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a key of a table is given. */
export function isFilled(value: object): boolean {
  return Object.values(value).some((each) => each !== undefined);
}

export function asText(value: string | number | boolean): string {
  return String(value);
}

export function octal(value: string | number): number {
  return typeof value === "number" ? value : Number.parseInt(value, 8);
}

/** What "unlimited" stands for. */
export function withoutLimit(): number {
  return Number.POSITIVE_INFINITY;
}

/** One limit for both, the soft and the hard one. */
export function forBoth(value: number | number[]): number[] {
  return Array.isArray(value) ? value : [value, value];
}
