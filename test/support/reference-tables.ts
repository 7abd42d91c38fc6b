import type { Command } from "commander";
import { buildProgram } from "../../src/cli/program.ts";
import { processTerminal } from "../../src/cli/terminal.ts";
import { unitFileJsonSchema } from "../../src/unit/json-schema.ts";

/**
 * The tables of the README that the code itself knows: keys of unit files out of their schema, commands out of commander. `npm run schema`
 * writes them, and a test holds the README against them, so neither can say what the other does not.
 *
 * A table stands between `<!-- table: NAME -->` and `<!-- end -->`.
 */
const TABLE = /(<!-- table: (.+?) -->\n)[^]*?(<!-- end -->)/g;

/** What is read here of a JSON Schema. */
interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const LATER = "Not supported yet. ";

/** `readme` with all its tables as they should be. Throws for the name of a table that there is not. */
export function withTables(readme: string): string {
  const tables = referenceTables();
  return readme.replace(TABLE, (_all, begin: string, name: string, end: string) => {
    const table = tables.get(name);
    if (table === undefined) throw new Error(`the README asks for a table "${name}"; there are: ${[...tables.keys()].join(", ")}`);
    return `${begin}\n${table}\n\n${end}`;
  });
}

/** Markdown by name: one table of keys for each section of a unit file, the forms of conditions, hooks and order, the commands. */
function referenceTables(): ReadonlyMap<string, string> {
  // The schema is json whose form is known: the reader above names only what draft-07 says of these words.
  const root = unitFileJsonSchema() as Schema;
  const definitions = root.definitions ?? {};
  const sections = Object.entries(root.properties ?? {}).filter(([, schema]) => !isLater(schema));
  const keys = sections.map(([name, schema]) => [`keys of ${name}`, keyTable(schema, definitions)] as const);
  return new Map([
    ...keys,
    ["conditions", formTable(definitions["condition"] ?? {})],
    ["hooks", formTable(definitions["stop-hook"] ?? {})],
    ["order", formTable(definitions["order"] ?? {})],
    ["not supported yet", laterList(Object.entries(root.properties ?? {}), definitions)],
    ["commands", commandTable()],
  ]);
}

function keyTable(section: Schema, definitions: Readonly<Record<string, Schema>>): string {
  const rows = tablesIn(section, definitions).flatMap((table) => keyRows(table, "", definitions));
  return markdown(
    ["Key", "Meaning", "Default"],
    rows
      .filter(({ schema }) => !isLater(schema))
      .map(({ path, schema, required }) => [
        `\`${path}\``,
        schema.description ?? "",
        required ? "required" : schema.default === undefined ? "" : `\`${JSON.stringify(schema.default)}\``,
      ]),
  );
}

interface KeyRow {
  readonly path: string;
  readonly schema: Schema;
  readonly required: boolean;
}

/** The keys of a table, and under each those of the tables that it may hold. */
function keyRows(table: Schema, prefix: string, definitions: Readonly<Record<string, Schema>>): KeyRow[] {
  return nativeKeys(table).flatMap(([key, schema]) => {
    const path = `${prefix}${key}`;
    const below = isLater(schema) ? [] : tablesIn(schema, definitions);
    return [
      { path, schema, required: isRequired(key, table) },
      ...unique(below.flatMap((inner) => keyRows(inner, `${path}.`, definitions))),
    ];
  });
}

/** A key with two spellings is asked for by a rule that is content with either. */
function isRequired(key: string, { required = [], allOf = [] }: Schema): boolean {
  return (
    required.includes(key) ||
    allOf.some(({ anyOf = [] }) => anyOf.some((either) => either.required?.includes(key)) && anyOf.every((either) => either.required))
  );
}

/** In kebab-case only; the snake_case twin of a key is the same key. */
function nativeKeys(table: Schema): [string, Schema][] {
  return Object.entries(table.properties ?? {}).filter(([key]) => !key.includes("_"));
}

/** The tables that a value may be, or be a list of. Conditions, hooks and order have tables of their own. */
function tablesIn(schema: Schema, definitions: Readonly<Record<string, Schema>>): Schema[] {
  if (schema.$ref === "#/definitions/service") return [definitions["service"] ?? {}];
  if (schema.properties !== undefined) return [schema];
  return [...(schema.anyOf ?? []), ...(schema.items === undefined ? [] : [schema.items])].flatMap((each) => tablesIn(each, definitions));
}

function unique(rows: readonly KeyRow[]): KeyRow[] {
  return [...new Map(rows.toReversed().map((row) => [row.path, row])).values()].toReversed();
}

/** One row for each form that a condition or a hook may have. */
function formTable({ anyOf = [] }: Schema): string {
  const rows = anyOf.flatMap((form) => {
    const [first, ...rest] = nativeKeys(form);
    if (first === undefined || isLater(first[1])) return [];
    const keys = [first, ...rest].map(([key]) => key);
    const notes = rest.map(([key, { description }]) => (description === undefined ? "" : ` \`${key}\`: ${description}`));
    return [[`\`{ ${keys.join(", ")} }\``, `${first[1].description ?? ""}${notes.join("")}`]];
  });
  return markdown(["Form", "Meaning"], rows);
}

function laterList(sections: readonly (readonly [string, Schema])[], definitions: Readonly<Record<string, Schema>>): string {
  const whole = sections.filter(([, schema]) => isLater(schema)).map(([name]) => `\`[[${name}]]\``);
  const keys = sections.flatMap(([name, schema]) => {
    const rows = tablesIn(schema, definitions).flatMap((table) => keyRows(table, "", definitions));
    const later = rows.filter((row) => isLater(row.schema)).map(({ path }) => `\`${path}\``);
    return later.length === 0 || isLater(schema) ? [] : [`- of ${name}: ${later.join(", ")}`];
  });
  return [`- sections: ${whole.join(", ")}`, ...keys].join("\n");
}

function isLater({ description }: Schema): boolean {
  return description?.startsWith(LATER) === true;
}

function commandTable(): string {
  const program = buildProgram(processTerminal(), () => {});
  const rows = [program, ...program.commands].flatMap((command) => (isHidden(command) ? [] : commandRows(command, program)));
  return markdown(["Command", "Meaning"], rows);
}

function commandRows(command: Command, program: Command): string[][] {
  const usage = command === program ? "rind" : `rind ${command.name()}`;
  const words = command.registeredArguments.map((argument) => {
    const name = argument.name().toUpperCase() + (argument.variadic ? "…" : "");
    return argument.required ? ` ${name}` : ` [${name}]`;
  });
  const about = command.registeredArguments.map((argument) => `${argument.name().toUpperCase()}: ${argument.description}`);
  const options = command.options.filter(({ hidden }) => !hidden);
  return [
    [`**\`${usage}${words.join("")}\`**`, [command.description(), ...about].join(". ")],
    ...options.map(({ flags, description }) => [`\`${flags}\``, description]),
  ];
}

function isHidden(command: Command): boolean {
  return "_hidden" in command && command._hidden === true;
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
