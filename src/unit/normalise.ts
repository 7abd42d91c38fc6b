/**
 * Makes TOML's freedoms small before any schema looks. `restart_on` and `restart-on` are the same key; after this there is only the
 * second. Keys that people choose themselves (environment variables, fields of payloads) are left alone. No key takes a date, which zod
 * would take for a table.
 */
import type { Path, Report } from "./problem.ts";
import { FREE_KEYS, isTomlTable, type TomlTable } from "./toml-table.ts";

/** Rewrites the keys of `table` in place, and reports keys that are given twice: in both spellings, or in two units. */
export function normalise(table: TomlTable, report: Report, path: Path = []): void {
  if (!isNormal(table, false)) rewrite(table, report, path);
}

/** Whether nothing is to be done, as with most files. */
function isNormal(value: unknown, isFree: boolean): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every((entry) => isNormal(entry, isFree));
  if (!isTomlTable(value)) return false;
  for (const key in value) {
    if (!isFree && (key.includes("_") || (key.endsWith("-ms") && Object.hasOwn(value, key.slice(0, -"-ms".length))))) return false;
    const inner = value[key];
    if (typeof inner === "object" && !isNormal(inner, isFree || FREE_KEYS.has(key))) return false;
  }
  return true;
}

function rewrite(table: TomlTable, report: Report, path: Path): void {
  for (const key of Object.keys(table)) {
    const value = table[key];
    const kebab = key.replaceAll("_", "-");
    if (kebab !== key && /^[a-z]/.test(key)) {
      if (Object.hasOwn(table, kebab)) report.errorAtKey([...path, key], `"${key}" and "${kebab}" are the same key`, "give it once");
      delete table[key];
      table[kebab] = value;
    }
    table[kebab] = normaliseValue(table[kebab], FREE_KEYS.has(kebab), report, [...path, kebab]);
  }
  for (const key of Object.keys(table)) {
    const inUnits = `${key}-ms`;
    if (Object.hasOwn(table, inUnits))
      report.errorAtKey([...path, inUnits], `"${key}" and "${inUnits}" are the same setting`, "give it once");
  }
}

function normaliseValue(value: unknown, isFree: boolean, report: Report, path: Path): unknown {
  if (value instanceof Date) {
    report.error(path, "no key takes a date", "put it in quotes");
    return value.toISOString();
  }
  if (Array.isArray(value)) return value.map((entry, index) => normaliseValue(entry, isFree, report, [...path, index]));
  if (!isTomlTable(value)) return value;
  if (!isFree) rewrite(value, report, path);
  else for (const [key, inner] of Object.entries(value)) value[key] = normaliseValue(inner, true, report, [...path, key]);
  return value;
}
