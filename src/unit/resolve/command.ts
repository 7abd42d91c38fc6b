/** Commands in their three forms: words as in a shell, a list of words, a table. */
import type { ProgramCall } from "../../model/unit-set.ts";
import type { Path } from "../problem.ts";
import type { RawCommand } from "../schema/command.ts";
import type { Scope } from "../scope.ts";
import { splitWords } from "../split-words.ts";

/** undefined: there is none, or an error was reported. */
export function resolveCommand(raw: RawCommand | undefined, path: Path, scope: Scope): ProgramCall | undefined {
  if (raw === undefined) return undefined;
  if (!isTable(raw)) return wordsCommand(raw, path, scope);
  const args = (raw.args ?? []).map((text, index) => scope.expand(text, [...path, "args", index]));
  return raw.exec === undefined
    ? shellCommand(raw.shell ?? "", args, [...path, "shell"], scope)
    : { program: scope.program(raw.exec, [...path, "exec"]), args };
}

/** A text, split into words as a shell does, or the words themselves. */
export function wordsCommand(raw: string | readonly string[], path: Path, scope: Scope): ProgramCall | undefined {
  const isText = typeof raw === "string";
  const words = isText ? splitWords(raw) : raw;
  if (words === undefined) {
    scope.report.error(path, "a quote or a backslash is left open", "close it, or write a list of words");
    return undefined;
  }
  const [first = "", ...args] = words;
  if (first === "") {
    scope.report.error(path, "the command names no program");
    return undefined;
  }
  const at = (index: number): Path => (isText ? path : [...path, index]);
  return { program: scope.program(first, at(0)), args: args.map((text, index) => scope.expand(text, at(index + 1))) };
}

/** `code` for `sh -c`. The word after it is the shell's name for itself; without it the first argument would be taken for that. */
export function shellCommand(code: string, args: readonly string[], path: Path, scope: Scope): ProgramCall {
  return { program: "sh", args: ["-c", scope.expand(code, path), "sh", ...args] };
}

function isTable(raw: RawCommand): raw is Exclude<RawCommand, string | readonly string[]> {
  return typeof raw === "object" && !Array.isArray(raw);
}
