import { parse, TomlError } from "smol-toml";
import type { Problem, SourceFile } from "./problem.ts";
import { reportInto } from "./problem.ts";
import { useOneSpelling } from "./spelling.ts";
import { isTomlTable, type TomlTable } from "./toml-table.ts";

/** A mistake in the TOML itself: the only kind that comes with its place. */
export interface SyntaxProblem {
  readonly file: SourceFile;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

/** The tables of one file, with keys in one spelling; undefined where it is no TOML. */
export function parseToml(file: SourceFile, syntax: SyntaxProblem[], problems: Problem[]): TomlTable | undefined {
  try {
    const root: unknown = parse(file.text);
    if (!isTomlTable(root)) return undefined;
    useOneSpelling(root, reportInto(problems, [{ file, path: [] }]));
    return root;
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const message = cause.message.split("\n\n")[0]?.replace("Invalid TOML document: ", "") ?? "";
    syntax.push({ file, line: cause.line, column: cause.column, message: `this is no TOML: ${message}`, hint: hintFor(message) });
    return undefined;
  }
}

function hintFor(message: string): string {
  if (message.startsWith("trying to redefine")) return "each key and each table is written once; a list of units takes [[double brackets]]";
  if (message.startsWith("invalid value")) return "text goes in quotes";
  return "";
}
