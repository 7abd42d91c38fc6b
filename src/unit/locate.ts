/**
 * Where keys and values of a TOML text stand. Loads the parser with positions, so it is imported only when there is something to point at.
 */
import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import type { Path } from "./problem.ts";

/** A place in a file, from 1. `depth`: how many steps of the path that was asked for exist. */
export interface Location {
  readonly line: number;
  readonly column: number;
  readonly depth: number;
}

interface Node {
  readonly children: Map<string | number, Node>;
  key: AST.SourceLocation | undefined;
  value: AST.SourceLocation | undefined;
}

/** The index of one file. Keys are in kebab-case, whatever the file says. */
export type PositionIndex = (path: Path, atKey: boolean) => Location;

export function indexPositions(text: string): PositionIndex {
  try {
    const root = newNode();
    for (const part of parseTOML(text, { tomlVersion: "1.1" }).body[0].body) {
      if (part.type === "TOMLKeyValue") addPair(root, part);
      else addTable(root, part);
    }
    return (path, atKey) => find(root, path, atKey);
  } catch (cause) {
    if (!(cause instanceof ParseError)) throw cause;
    // The two parsers differ over a few values (the 30th of February). What this one stumbles on is the best guess there is.
    const { lineNumber: line, column } = cause;
    return () => ({ line, column: column + 1, depth: 0 });
  }
}

function find(root: Node, path: Path, atKey: boolean): Location {
  let node = root;
  let depth = 0;
  for (const step of path) {
    const next = node.children.get(step);
    if (next === undefined) break;
    node = next;
    depth += 1;
  }
  const found = atKey && depth === path.length ? (node.key ?? node.value) : (node.value ?? node.key);
  return { line: found?.start.line ?? 1, column: (found?.start.column ?? 0) + 1, depth };
}

function addTable(root: Node, table: AST.TOMLTable): void {
  let node = root;
  for (const step of table.resolvedKey) {
    node = child(node, step);
    node.key ??= table.key.loc;
  }
  node.value ??= table.key.loc;
  for (const pair of table.body) addPair(node, pair);
}

function addPair(parent: Node, pair: AST.TOMLKeyValue): void {
  let node = parent;
  for (const part of pair.key.keys) {
    node = child(node, part.type === "TOMLBare" ? part.name : part.value);
    node.key ??= part.loc;
  }
  addValue(node, pair.value);
}

function addValue(node: Node, value: AST.TOMLContentNode): void {
  node.value ??= value.loc;
  if (value.type === "TOMLArray") {
    value.elements.forEach((element, index) => {
      const entry = child(node, index);
      entry.key ??= element.loc;
      addValue(entry, element);
    });
  } else if (value.type === "TOMLInlineTable") {
    for (const pair of value.body) addPair(node, pair);
  }
}

/** Known under both spellings: paths come in kebab-case, except where people choose the keys themselves. */
function child(parent: Node, step: string | number): Node {
  const existing = parent.children.get(step);
  if (existing !== undefined) return existing;
  const node = newNode();
  parent.children.set(step, node);
  if (typeof step === "string") {
    const kebab = step.replaceAll("_", "-");
    if (!parent.children.has(kebab)) parent.children.set(kebab, node);
  }
  return node;
}

function newNode(): Node {
  return { children: new Map(), key: undefined, value: undefined };
}
