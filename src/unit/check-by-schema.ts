/** Reads tables by zod's schemas, which can say what is wrong. Loaded where the outline (`outline/read.ts`) does not take something. */
import type * as z from "zod";
import type { Report } from "./problem.ts";
import { type RawRun, run } from "./schema/run.ts";
import type { Section } from "./schema/sections.ts";
import { type RawSettings, settings } from "./schema/settings.ts";
import { SECTION_SCHEMAS } from "./schema/unit-file.ts";
import { reportIssues } from "./schema-problems.ts";
import type { TomlTable } from "./toml-table.ts";

/** `raw`: of a table with mistakes what is left without the keys that have them; undefined where that is nothing. */
export function checkItem(section: Section, table: TomlTable, report: Report): { readonly raw: unknown; readonly sound: boolean } {
  const schema: z.ZodType = SECTION_SCHEMAS[section];
  const parsed = schema.safeParse(table);
  if (parsed.success) return { raw: parsed.data, sound: true };
  reportIssues(parsed.error.issues, table, report);
  return { raw: schema.safeParse(withoutWrongKeys(table, parsed.error.issues)).data, sound: false };
}

/** Where there are mistakes: the defaults. */
export function checkSettings(table: TomlTable, report: Report): RawSettings {
  const parsed = settings.safeParse(table);
  if (parsed.success) return parsed.data;
  reportIssues(parsed.error.issues, table, report);
  return settings.parse({});
}

/** What a variable holds that is to be run; undefined: it has mistakes. */
export function checkRun(value: unknown, report: Report): RawRun | undefined {
  const parsed = run.safeParse(value);
  if (!parsed.success) reportIssues(parsed.error.issues, value, report);
  return parsed.data;
}

/** The rest can still be resolved, so that the mistakes in it are told in the same go. The name is not read again. */
function withoutWrongKeys(
  table: TomlTable,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly keys?: readonly string[] }[],
): TomlTable {
  const wrong = new Set(issues.flatMap(({ path, keys = [] }): readonly PropertyKey[] => (path.length === 0 ? keys : path.slice(0, 1))));
  const rest = Object.entries(table).filter(([key]) => !wrong.has(key));
  return { ...Object.fromEntries(rest), name: "unnamed" };
}
