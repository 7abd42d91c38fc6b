/**
 * Reads the TOML of which unit files mostly are: headers, bare keys, texts on one line, plain numbers, true and false, lists and inline
 * tables. What it takes, it reads as smol-toml does; everything else, whatever is wrong with it, is left to that. It is here because
 * smol-toml keeps two more objects for each key, all of them hash tables, and so takes four times as long.
 *
 * Its tables have a prototype, so that V8 can share their shapes: keys that objects have of themselves are not taken.
 */
import type { TomlTable } from "./toml-table.ts";

/** The tables of `text`; undefined: it is left to the other parser. */
export function quickToml(text: string): TomlTable | undefined {
  return new QuickReader(text).read();
}

const TAB = 0x09;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const APOSTROPHE = 0x27;
const COMMA = 0x2c;
const DOT = 0x2e;
const EQUALS = 0x3d;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const OPEN_TABLE = 0x7b;
const CLOSE_TABLE = 0x7d;

/** More digits would lose some as a number. */
const NUMBER = /(?:0|-?[1-9]\d{0,14})(?:\.\d{1,15})?(?![\w.:+-])/y;
// oxlint-disable-next-line no-control-regex -- TOML has none of them in a text
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;
/** What json spells as TOML does. */
const ESCAPES = /^(?:[^\\\t]|\\[btnfr"\\])*$/;

class QuickReader {
  readonly #text: string;
  #at = 0;
  /** What headers have made: later ones may go through it. */
  readonly #open = new Set<unknown>();
  /** Tables that dotted keys have made under the header of now: others may add to them. */
  #dotted = new Set<unknown>();

  constructor(text: string) {
    this.#text = text;
  }

  read(): TomlTable | undefined {
    const root: TomlTable = {};
    let table: TomlTable | undefined = root;
    for (this.#skipLines(); this.#at < this.#text.length; this.#skipLines()) {
      if (this.#code() === OPEN) {
        table = this.#header(root);
        this.#dotted = new Set();
      } else if (!this.#pair(table)) return undefined;
      if (table === undefined || !this.#endOfLine()) return undefined;
    }
    return root;
  }

  #code(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #skipSpace(): void {
    for (let code = this.#code(); code === SPACE || code === TAB; code = this.#code()) this.#at += 1;
  }

  /** To the next thing on this line or a later one. */
  #skipLines(): void {
    for (;;) {
      const code = this.#code();
      if (code === SPACE || code === TAB || code === NEWLINE) this.#at += 1;
      else if (code !== HASH || !this.#skipComment()) return;
    }
  }

  #skipComment(): boolean {
    const end = this.#text.indexOf("\n", this.#at);
    const comment = this.#text.slice(this.#at, end < 0 ? undefined : end);
    if (CONTROL.test(comment)) return false;
    this.#at += comment.length;
    return true;
  }

  #endOfLine(): boolean {
    this.#skipSpace();
    if (this.#code() === HASH && !this.#skipComment()) return false;
    return this.#at >= this.#text.length || this.#code() === NEWLINE;
  }

  #header(root: TomlTable): TomlTable | undefined {
    this.#at += 1;
    const isList = this.#code() === OPEN;
    if (isList) this.#at += 1;
    let parent: TomlTable = root;
    for (;;) {
      const key = this.#key();
      if (key === undefined) return undefined;
      const code = this.#code();
      this.#at += 1;
      if (code === DOT) {
        const inner = this.#through(parent, key);
        if (inner === undefined) return undefined;
        parent = inner;
      } else if (code !== CLOSE) return undefined;
      else if (!isList) return this.#newTable(parent, key);
      else if (this.#code() !== CLOSE) return undefined;
      else {
        this.#at += 1;
        return this.#newEntry(parent, key);
      }
    }
  }

  /** The table under `key`, of a list the last one, where a header has made it. */
  #through(parent: TomlTable, key: string): TomlTable | undefined {
    const found = Object.hasOwn(parent, key) ? parent[key] : undefined;
    if (!this.#open.has(found)) return undefined;
    // as: headers make tables, and lists of tables
    return (Array.isArray(found) ? found.at(-1) : found) as TomlTable;
  }

  #newTable(parent: TomlTable, key: string): TomlTable | undefined {
    if (key in parent) return undefined;
    const table: TomlTable = {};
    parent[key] = table;
    this.#open.add(table);
    return table;
  }

  #newEntry(parent: TomlTable, key: string): TomlTable | undefined {
    const table: TomlTable = {};
    const list = parent[key];
    if (Array.isArray(list) && this.#open.has(list)) list.push(table);
    else if (key in parent) return undefined;
    else {
      const made = [table];
      parent[key] = made;
      this.#open.add(made);
    }
    return table;
  }

  /** A bare key, with the space around it. */
  #key(): string | undefined {
    this.#skipSpace();
    const start = this.#at;
    while (isBare(this.#code())) this.#at += 1;
    if (this.#at === start) return undefined;
    const key = this.#text.slice(start, this.#at);
    this.#skipSpace();
    return key;
  }

  /** Reads `key = value` into `into`, where keys may be dotted. */
  #pair(into: TomlTable | undefined): boolean {
    let table = into;
    for (;;) {
      const key = this.#key();
      if (key === undefined || table === undefined) return false;
      const code = this.#code();
      this.#at += 1;
      if (code === EQUALS) {
        if (key in table) return false;
        this.#skipSpace();
        const value = this.#value();
        table[key] = value;
        return value !== undefined;
      }
      if (code !== DOT) return false;
      table = this.#dottedTable(table, key);
    }
  }

  #dottedTable(parent: TomlTable, key: string): TomlTable | undefined {
    const known = parent[key];
    // as: only tables are in there
    if (this.#dotted.has(known)) return known as TomlTable;
    if (key in parent) return undefined;
    const table: TomlTable = {};
    parent[key] = table;
    this.#dotted.add(table);
    return table;
  }

  #value(): unknown {
    switch (this.#code()) {
      case QUOTE:
        return this.#quoted();
      case APOSTROPHE:
        return this.#literal();
      case OPEN:
        return this.#list();
      case OPEN_TABLE:
        return this.#inlineTable();
      case 0x74:
        return this.#word("true", true);
      case 0x66:
        return this.#word("false", false);
      default:
        return this.#number();
    }
  }

  #quoted(): string | undefined {
    const start = this.#at + 1;
    let end = this.#text.indexOf('"', start);
    // a text of several lines begins like an empty one
    if (end < 0 || (end === start && this.#text[end + 1] === '"')) return undefined;
    while (this.#text[end - 1] === "\\" && isEscaped(this.#text, end)) {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) return undefined;
    }
    const inner = this.#text.slice(start, end);
    if (CONTROL.test(inner)) return undefined;
    this.#at = end + 1;
    if (!inner.includes("\\")) return inner;
    return ESCAPES.test(inner) ? String(JSON.parse(`"${inner}"`)) : undefined;
  }

  #literal(): string | undefined {
    const start = this.#at + 1;
    const end = this.#text.indexOf("'", start);
    if (end < 0 || (end === start && this.#text[end + 1] === "'")) return undefined;
    const inner = this.#text.slice(start, end);
    this.#at = end + 1;
    return CONTROL.test(inner) ? undefined : inner;
  }

  #word(word: string, value: boolean): boolean | undefined {
    if (!this.#text.startsWith(word, this.#at)) return undefined;
    this.#at += word.length;
    return isBare(this.#code()) ? undefined : value;
  }

  #number(): number | undefined {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)?.[0];
    if (text === undefined) return undefined;
    this.#at += text.length;
    return Number(text);
  }

  #list(): unknown[] | undefined {
    const list: unknown[] = [];
    this.#at += 1;
    for (;;) {
      this.#skipLines();
      if (this.#code() === CLOSE) break;
      const value = this.#value();
      if (value === undefined) return undefined;
      list.push(value);
      this.#skipLines();
      if (this.#code() === COMMA) this.#at += 1;
      else if (this.#code() !== CLOSE) return undefined;
    }
    this.#at += 1;
    return list;
  }

  #inlineTable(): TomlTable | undefined {
    const outer = this.#dotted;
    this.#dotted = new Set();
    const table = this.#inlinePairs();
    this.#dotted = outer;
    return table;
  }

  #inlinePairs(): TomlTable | undefined {
    const table: TomlTable = {};
    this.#at += 1;
    this.#skipSpace();
    while (this.#code() !== CLOSE_TABLE) {
      if (!this.#pair(table)) return undefined;
      this.#skipSpace();
      if (this.#code() === CLOSE_TABLE) break;
      if (this.#code() !== COMMA) return undefined;
      this.#at += 1;
    }
    this.#at += 1;
    return table;
  }
}

/** Whether the quote at `at` stands behind an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let start = at;
  while (text[start - 1] === "\\") start -= 1;
  return (at - start) % 2 === 1;
}

/** Letters, digits, `_` and `-`. */
function isBare(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2d
  );
}
