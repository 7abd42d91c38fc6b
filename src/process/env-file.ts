import { readFileSync } from "node:fs";
import { RindError } from "../errors/rind-error.ts";
import { type Diagnostic, UnitError } from "../errors/unit-error.ts";

/**
 * Files of environment variables, as shells and their kin write them: `NAME=value` lines, an optional `export` before, comments after `#`.
 *
 * 'Single quotes' keep all as it is; in "double quotes" `\n`, `\t`, `\r`, `\"`, `\\` and `\$` are escapes; both may go over several lines. A bare value
 * ends before a ` #` and loses the blanks around it. Nothing is expanded: a `$` is a `$`. Of two lines with one name the later wins.
 */
export function readEnvFile(path: string): Record<string, string> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const why = code === "ENOENT" ? "does not exist" : code === "EACCES" ? "may not be read" : `cannot be read (${code})`;
    throw new RindError(`env-file ${path} ${why}`, { cause, hint: "make it readable, or take it out of run.env-file" });
  }
  return parseEnvFile(bytes.toString(), path);
}

const NAME = /^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*/;
const SINGLE = /^'([^']*)'/;
const DOUBLE = /^"((?:[^"\\]|\\[^])*)"/;
const REST_OF_LINE = /^[ \t]*(?:#.*)?$/;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", '"': '"', "\\": "\\", $: "$" };

/** Throws a `UnitError` with every mistake. */
export function parseEnvFile(text: string, file: string): Record<string, string> {
  const found = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  const lines = text
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .split("\n");
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? "").trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const [head, name] = NAME.exec(line) ?? [];
    if (head === undefined || name === undefined) {
      // what it says may be a secret, and reasons are for everybody
      report(at, "this line sets no variable", "write NAME=value");
      continue;
    }
    const rest = line.slice(head.length);
    const quote = rest[0] === "'" ? SINGLE : rest[0] === '"' ? DOUBLE : undefined;
    if (quote === undefined) {
      set(at, name, rest.replace(/(?:^|[ \t]+)#.*$/, "").trimEnd());
      continue;
    }
    const [whole, inner] = quote.exec([rest, ...lines.slice(at + 1)].join("\n")) ?? [];
    if (whole === undefined || inner === undefined) {
      report(at, `the quote of ${name} is never closed`, `close it with ${rest[0]}`);
      break;
    }
    const start = at;
    at += whole.split("\n").length - 1;
    const ending = at === start ? rest.slice(whole.length) : (lines[at] ?? "").slice(whole.length - whole.lastIndexOf("\n") - 1);
    if (!REST_OF_LINE.test(ending)) report(at, `there is text after the closing quote of ${name}`, "quote the whole value");
    else set(start, name, quote === SINGLE ? inner : inner.replace(/\\([^])/g, (both, letter: string) => ESCAPES[letter] ?? both));
  }
  if (diagnostics.length > 0) throw new UnitError(diagnostics);
  return Object.fromEntries(found);

  function set(at: number, name: string, value: string): void {
    if (value.includes("\0")) report(at, `the value of ${name} holds a NUL byte`, "leave it out");
    else found.set(name, value);
  }

  function report(at: number, message: string, hint: string): void {
    diagnostics.push({ severity: "error", file, line: at + 1, column: 1, message, hint });
  }
}
