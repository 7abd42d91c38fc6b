/**
 * Puts zod's issues into Rind's words. Messages of schemas are noun phrases (see schema/build.ts); this composes the sentence out of the
 * key, the phrase and what stands there instead, and of a union it follows the branch that the author probably meant.
 */
import type * as z from "zod";
import { nearestName } from "../lib/nearest-name.ts";
import { type Path, type Report, showPath } from "./problem.ts";
import { NOT_YET } from "./schema/build.ts";
import { isTomlTable, valueAt } from "./toml-table.ts";

type Issue = z.core.$ZodIssue;

/** Tables with more keys than this are not listed whole where a key is unknown. */
const LISTED_KEYS = 8;
const SHOWN_TEXT = 40;

/** Reports every issue that zod found in `root`. */
export function reportIssues(issues: readonly Issue[], root: unknown, report: Report): void {
  for (const issue of issues) reportIssue(issue, [], root, report);
}

function reportIssue(issue: Issue, base: Path, root: unknown, report: Report): void {
  const path = [...base, ...stringsAndNumbers(issue.path)];
  if (issue.code === "unrecognized_keys") return reportUnknownKeys(issue, path, root, report);
  if (issue.code === "invalid_key") return report.errorAtKey(path, issue.issues[0]?.message ?? issue.message);
  if (issue.code === "invalid_union") {
    const meant = meantBranch(issue.errors, path, root);
    if (meant !== undefined) return meant.forEach((inner) => reportIssue(inner, path, root, report));
  }
  const value = valueAt(root, path);
  if (issue.message === NOT_YET) return reportNotYet(path, report);
  if (isSentence(issue)) return report.error(path, issue.message);
  if (isMissing(path, root)) return report.error(path.slice(0, -1), `"${String(path.at(-1))}" is missing`, `it must be ${issue.message}`);
  const subject = path.length === 0 ? "it" : `"${showPath(path)}"`;
  report.error(path, `${subject} must be ${issue.message}, not ${describeValue(value)}`, nearestWord(issue, value));
}

function reportUnknownKeys(issue: z.core.$ZodIssueUnrecognizedKeys, path: Path, root: unknown, report: Report): void {
  const table = valueAt(root, path);
  const known = issue.message.split(" ");
  const free = known.filter((key) => !(isTomlTable(table) && Object.hasOwn(table, key)));
  for (const key of issue.keys) {
    const nearest = nearestName(key, free);
    const all = known.length <= LISTED_KEYS ? `known here: ${known.join(", ")}` : "";
    report.errorAtKey([...path, key], `unknown key "${key}"`, nearest === undefined ? all : `did you mean "${nearest}"?`);
  }
}

/** What is not built is wrong as a whole: the key is named, not an entry of its list. */
function reportNotYet(path: Path, report: Report): void {
  const end = path.findLastIndex((step) => typeof step === "string");
  report.errorAtKey(path.slice(0, end + 1), `"${String(path[end])}" is not supported yet`);
}

/**
 * The branch of a union that fits what was written best: of those whose type it has, the one with the fewest missing and unknown keys.
 * undefined where there is none, or where several tables would do and each lacks a key: then the union's own words say more.
 */
function meantBranch(branches: readonly (readonly Issue[])[], path: Path, root: unknown): readonly Issue[] | undefined {
  const fitting = branches.filter((issues) => !issues.some(isOtherType));
  const scored = fitting.map((issues) => ({
    issues,
    missing: issues.filter((issue) => isMissing([...path, ...stringsAndNumbers(issue.path)], root)).length,
    unknown: issues.reduce((sum, issue) => sum + (issue.code === "unrecognized_keys" ? issue.keys.length : 0), 0),
  }));
  scored.sort((a, b) => a.missing + a.unknown - (b.missing + b.unknown));
  const best = scored[0];
  return best === undefined || (best.missing > 0 && scored.length > 1) ? undefined : best.issues;
}

function isOtherType(issue: Issue): boolean {
  if (issue.path.length > 0 || isSentence(issue)) return false;
  return issue.code === "invalid_type" || issue.code === "invalid_value" || issue.code === "invalid_union" || issue.code === "custom";
}

function isSentence(issue: Issue): boolean {
  return issue.code === "custom" && issue.params?.["sentence"] === true;
}

function isMissing(path: Path, root: unknown): boolean {
  const key = path.at(-1);
  const parent = valueAt(root, path.slice(0, -1));
  return typeof key === "string" && isTomlTable(parent) && !Object.hasOwn(parent, key);
}

function nearestWord(issue: Issue, value: unknown): string {
  if (issue.code !== "invalid_value" || typeof value !== "string") return "";
  const nearest = nearestName(
    value,
    issue.values.map((word) => String(word).replaceAll("_", "-")),
  );
  return nearest === undefined ? "" : `did you mean "${nearest}"?`;
}

function stringsAndNumbers(path: readonly PropertyKey[]): (string | number)[] {
  return path.filter((step) => typeof step !== "symbol");
}

function describeValue(value: unknown): string {
  if (typeof value === "string")
    return value.length > SHOWN_TEXT ? `${JSON.stringify(value.slice(0, SHOWN_TEXT))}...` : JSON.stringify(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (isTomlTable(value)) return describeTable(Object.keys(value));
  return String(value);
}

function describeTable(keys: readonly string[]): string {
  if (keys.length === 0) return "an empty table";
  return keys.length > LISTED_KEYS ? "a table" : `a table with ${keys.map((key) => `"${key}"`).join(", ")}`;
}
