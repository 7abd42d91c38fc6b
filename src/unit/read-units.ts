/**
 * Reads the folders of a units path: which files there are, in which order they apply, and their text. A later folder's `GROUP.toml`
 * replaces an earlier one's; `GROUP.d/*.toml` of all folders come last, in the order of their names. What cannot be read is told, at line
 * 1 of what it is. The services folder comes after all of them: one file for each service that a client has set.
 */
import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Diagnostic } from "../errors/unit-error.ts";
import { isName } from "../model/name.ts";
import type { SourceFile, UnreadFile } from "./problem.ts";

/** A unit file is written by people; what is larger was put there by mistake, and would hold up the boot. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

const UNIT_FILE = ".toml";
const DROP_INS = ".d";

export interface ReadUnits {
  readonly files: readonly SourceFile[];
  /** Those that could not be read. */
  readonly unread: readonly UnreadFile[];
  readonly mistakes: readonly Diagnostic[];
  /** Of all that was looked at, in the order in which mistakes are told. */
  readonly names: readonly string[];
}

interface Candidate {
  readonly group: string;
  /** As it is shown. */
  readonly name: string;
  readonly dropIn: boolean;
  readonly item: string | undefined;
}

/** A file of the services folder as it would be; `text` undefined: taken away. */
export interface StoredFile {
  readonly fileName: string;
  readonly text: string | undefined;
}

/**
 * `services`: the services folder, which need not be there, and files that are to be looked at in place of what is in it. `builtIn`: texts
 * of unit files that lie in no folder, as if they lay in one before all of `path`.
 */
export function readUnits(
  path: readonly string[],
  cwd: string,
  services: { readonly folder: string | undefined; readonly candidates: readonly StoredFile[] },
  builtIn: ReadonlyMap<string, string> = new Map(),
): ReadUnits {
  const mistakes: Diagnostic[] = [];
  const groups = new Map<string, Candidate>();
  const texts = new Map<Candidate, string | undefined>();
  for (const [name, text] of builtIn) {
    const candidate = { group: name.slice(0, -UNIT_FILE.length), name, dropIn: false, item: undefined };
    groups.set(candidate.group, candidate);
    texts.set(candidate, text);
  }
  const dropIns: { readonly candidate: Candidate; readonly sortKey: string }[] = [];
  for (const folder of path) {
    for (const entry of listFolder(folder, cwd, mistakes)) {
      if (entry.endsWith(UNIT_FILE)) {
        const group = entry.slice(0, -UNIT_FILE.length);
        groups.set(group, { group, name: join(folder, entry), dropIn: false, item: undefined });
      } else if (entry.endsWith(DROP_INS) && isFolder(resolve(cwd, folder, entry))) {
        const group = entry.slice(0, -DROP_INS.length);
        for (const file of listFolder(join(folder, entry), cwd, mistakes).filter((name) => name.endsWith(UNIT_FILE))) {
          dropIns.push({ candidate: { group, name: join(folder, entry, file), dropIn: true, item: undefined }, sortKey: file });
        }
      }
    }
  }
  const ordered = [
    ...[...groups.values()].sort((a, b) => compare(a.group, b.group)),
    ...dropIns.sort((a, b) => compare(a.sortKey, b.sortKey)).map(({ candidate }) => candidate),
  ];
  const stored = services.folder === undefined ? [] : storedFiles(services.folder, cwd, services.candidates, mistakes);
  const all = [...ordered, ...stored.map(({ candidate }) => candidate)];
  for (const { candidate, text } of stored) texts.set(candidate, text);
  const files = all.flatMap((candidate) => readOne(candidate, texts.get(candidate), cwd, mistakes) ?? []);
  const read = new Set(files.map(({ name }) => name));
  const unread = all.filter(({ name }) => !read.has(name)).map((candidate) => ({ ...candidate, text: undefined }));
  return { files, unread, mistakes, names: [...path, ...all.map(({ name }) => name)] };
}

/** What was read once, with files of the services folder as they would be; the disk is not asked again. */
export function withStored(read: ReadUnits, folder: string, candidates: readonly StoredFile[]): ReadUnits {
  const mistakes = [...read.mistakes];
  const changed = new Set(candidates.map(({ fileName }) => join(folder, fileName)));
  const given = candidates.flatMap(({ fileName, text }) =>
    text === undefined ? [] : (readOne(storedCandidate(folder, fileName), text, "", mistakes) ?? []),
  );
  const kept = read.files.filter(({ name }) => !changed.has(name));
  const stored = [...kept.filter(({ item }) => item !== undefined), ...given].sort((a, b) => compare(a.name, b.name));
  const files = [...kept.filter(({ item }) => item === undefined), ...stored];
  return { files, unread: read.unread, mistakes, names: [...new Set([...read.names, ...given.map(({ name }) => name)])] };
}

function storedCandidate(folder: string, fileName: string): Candidate {
  const [group = "", item = group] = fileName.slice(0, -UNIT_FILE.length).split("@");
  return { group, name: join(folder, fileName), dropIn: false, item };
}

/** `GROUP@ITEM.toml`, or `NAME.toml` for `NAME@NAME`; `text`: what the file would hold, undefined where the disk is asked. */
function storedFiles(
  folder: string,
  cwd: string,
  candidates: readonly StoredFile[],
  mistakes: Diagnostic[],
): { readonly candidate: Candidate; readonly text: string | undefined }[] {
  const present = isFolder(resolve(cwd, folder)) ? listFolder(folder, cwd, mistakes).filter((name) => name.endsWith(UNIT_FILE)) : [];
  const texts = new Map<string, string | undefined>(present.map((fileName) => [fileName, undefined]));
  for (const { fileName, text } of candidates) {
    if (text === undefined) texts.delete(fileName);
    else texts.set(fileName, text);
  }
  return [...texts].sort(([a], [b]) => compare(a, b)).map(([fileName, text]) => ({ candidate: storedCandidate(folder, fileName), text }));
}

/** What is in a folder, less hidden files: editors leave such beside what they edit. */
function listFolder(folder: string, cwd: string, mistakes: Diagnostic[]): string[] {
  try {
    return readdirSync(resolve(cwd, folder)).filter((name) => !name.startsWith("."));
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "ENOENT") mistakes.push(atTop(folder, "this folder does not exist", "create it, or name another"));
    else if (code === "ENOTDIR") mistakes.push(atTop(folder, "this is no folder", "units are the .toml files of a folder"));
    else mistakes.push(atTop(folder, `this folder cannot be read: ${describeCode(code)}`, ""));
    return [];
  }
}

/** `given`: its text, where that does not have to be read. */
function readOne(candidate: Candidate, given: string | undefined, cwd: string, mistakes: Diagnostic[]): SourceFile | undefined {
  const { group, name } = candidate;
  const bad = (message: string, hint = "", line = 1, column = 1): undefined => {
    mistakes.push({ ...atTop(name, message, hint), line, column });
    return undefined;
  };
  if (!isName(group)) {
    return bad(`"${group}" is no name for a group`, 'letters, digits, "_", "." and "-", not beginning with "." or "-"');
  }
  const { dropIn, item } = candidate;
  if (given !== undefined) return { name, group, dropIn, item, text: given };
  try {
    const file = resolve(cwd, name);
    const stat = statSync(file);
    if (stat.isDirectory()) return bad("this is a folder, not a file", `units lie in GROUP.toml and GROUP.d/*.toml`);
    if (!stat.isFile()) return bad("this is no plain file");
    if (stat.size > MAX_FILE_BYTES)
      return bad(`this file has ${stat.size} bytes, more than a unit file may have`, "at most 8 MiB; divide it");
    const text = readFileSync(file, "utf8");
    // what is no UTF-8 is read as U+FFFD, which may be meant, too
    const bytes = text.includes("\uFFFD") ? readFileSync(file) : undefined;
    if (bytes === undefined || isUtf8(bytes)) return { name, group, dropIn, item, text: text.replace(/^\uFEFF/, "") };
    const { line, column } = firstBadByte(bytes);
    return bad("this is no UTF-8", "save the file as UTF-8", line, column);
  } catch (cause) {
    return bad(`this file cannot be read: ${describeCode(codeOf(cause))}`);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The byte after the longest part that is UTF-8. */
function firstBadByte(bytes: Buffer): { line: number; column: number } {
  const text = new TextDecoder().decode(bytes);
  let good = 0;
  for (const char of text) {
    const length = Buffer.byteLength(char);
    if (char === "\uFFFD" && !bytes.subarray(good, good + length).equals(Buffer.from(char))) break;
    good += length;
  }
  const before = bytes.subarray(0, good).toString("utf8");
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: before.length - lineStart + 1 };
}

function atTop(file: string, message: string, hint: string): Diagnostic {
  return { severity: "error", file, line: 1, column: 1, message, hint };
}

function describeCode(code: string): string {
  switch (code) {
    case "ENOENT":
      return "it does not exist (a link that leads nowhere)";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "ELOOP":
      return "its links lead in a circle";
    default:
      return code;
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : String(cause);
}

/** By code points of UTF-16, whatever the locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
