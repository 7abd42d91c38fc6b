/**
 * One spelling of keys. `restart_on` and `restart-on` are the same key; after this there is only the second. Keys that people choose
 * themselves (environment variables, fields of payloads) are left alone.
 */
import type { Path, Report } from "./problem.ts";
import { isTomlTable, type TomlTable } from "./toml-table.ts";

/** Keys whose value is a table of the user's own words. */
const FREE = new Set(["env", "payload", "as", "default", "filter", "files", "ports", "headers"]);

/** Rewrites the keys of `table` in place, and reports keys that are given twice: in both spellings, or in two units. */
export function useOneSpelling(table: TomlTable, report: Report, path: Path = []): void {
  for (const key of Object.keys(table)) {
    const value = table[key];
    const kebab = key.replaceAll("_", "-");
    if (kebab !== key && /^[a-z]/.test(key)) {
      if (Object.hasOwn(table, kebab)) report.errorAtKey([...path, key], `"${key}" and "${kebab}" are the same key`, "give it once");
      delete table[key];
      table[kebab] = value;
    }
    if (!FREE.has(kebab)) visit(value, report, [...path, kebab]);
  }
  for (const key of Object.keys(table)) {
    const inUnits = `${key}-ms`;
    if (Object.hasOwn(table, inUnits)) report.errorAtKey([...path, inUnits], `"${key}" and "${inUnits}" are the same setting`, "give it once");
  }
}

function visit(value: unknown, report: Report, path: Path): void {
  if (Array.isArray(value)) value.forEach((entry, index) => visit(entry, report, [...path, index]));
  else if (isTomlTable(value)) useOneSpelling(value, report, path);
}
