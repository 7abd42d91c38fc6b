import { parse, TomlError } from "smol-toml";
import type { Diagnostic } from "../errors/unit-error.ts";
import type { SourceFile } from "./problem.ts";
import { isTomlTable, type TomlTable } from "./toml-table.ts";

/** The tables of one file, as they are written; undefined where it is no TOML. Mistakes of syntax come with their place. */
export function parseToml(file: SourceFile, placed: Diagnostic[]): TomlTable | undefined {
  try {
    const root: unknown = parse(file.text);
    return isTomlTable(root) ? root : undefined;
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const message = cause.message.split("\n\n")[0]?.replace("Invalid TOML document: ", "") ?? "";
    placed.push({
      severity: "error",
      file: file.name,
      line: cause.line,
      column: cause.column,
      message: `this is no TOML: ${message}`,
      hint: hintFor(message),
    });
    return undefined;
  }
}

function hintFor(message: string): string {
  if (message.startsWith("trying to redefine")) return "each key and each table is written once; a list of units takes [[double brackets]]";
  if (message.startsWith("control characters")) return "text ends on its line with the quote that it begins with";
  if (message.startsWith("invalid value")) return "text goes in quotes";
  return "";
}
