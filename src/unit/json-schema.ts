/** Makes the JSON Schema of unit files, for editors, out of the schema that the loader uses. */
import * as z from "zod";
import { unitFile } from "./schema/unit-file.ts";

type Schema = Record<string, unknown>;

/**
 * The JSON Schema (draft-07) of a unit file. It knows all that the loader knows except what takes more than one place to see: references,
 * duplicates, cycles, what a command's words are.
 */
export function unitFileJsonSchema(): Schema {
  const schema: Schema = { ...z.toJSONSchema(unitFile, { target: "draft-07", io: "input", unrepresentable: "any" }) };
  completeTables(schema, new Set());
  return schema;
}

/** The schema as the text that is kept in `schemas/`. */
export function unitFileJsonSchemaText(): string {
  return `${JSON.stringify(unitFileJsonSchema(), null, 2)}\n`;
}

/** Completes the schemas of all tables under `node`, each once: parts may be shared. */
function completeTables(node: unknown, seen: Set<unknown>): void {
  if (!isObject(node) || seen.has(node)) return;
  seen.add(node);
  for (const part of Object.values(node)) completeTables(part, seen);
  if (node["type"] === "object" && isObject(node["properties"])) completeTable(node, node["properties"]);
}

/** Says of one table what the loader does beyond zod: both spellings of a key, never both at once, and keys that exclude each other. */
function completeTable(schema: Schema, properties: Schema): void {
  const keys = Object.keys(properties);
  const never: Schema[] = [];
  for (const key of keys) {
    const twin = snake(key);
    if (twin !== key) {
      properties[twin] = properties[key];
      never.push({ required: [key, twin] });
    }
    if (keys.includes(`${key}-ms`)) never.push({ allOf: [given(key), given(`${key}-ms`)] });
  }
  const rules = [...requiredKeys(schema), ...exclusiveKeys(schema)];
  if (never.length > 0) schema["not"] = { anyOf: never };
  if (rules.length > 0) schema["allOf"] = rules;
}

/** `required` knows one spelling only, so keys with two are asked for by a rule. */
function requiredKeys(schema: Schema): Schema[] {
  const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
  const plain = required.filter((key) => snake(key) === key);
  if (plain.length > 0) schema["required"] = plain;
  else delete schema["required"];
  return required.filter((key) => snake(key) !== key).map(given);
}

function exclusiveKeys(schema: Schema): Schema[] {
  const rules = schema["oneOfKeys"];
  delete schema["oneOfKeys"];
  if (!Array.isArray(rules)) return [];
  return rules.filter(isRule).map((rule) => {
    const none = { not: { anyOf: rule.keys.map(given) } };
    return { oneOf: [...rule.keys.map(given), ...(rule.least === 0 ? [none] : [])] };
  });
}

/** `key` is there, in either spelling. */
function given(key: string): Schema {
  const twin = snake(key);
  return twin === key ? { required: [key] } : { anyOf: [{ required: [key] }, { required: [twin] }] };
}

function snake(key: string): string {
  return key.replaceAll("-", "_");
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null;
}

function isRule(value: unknown): value is { keys: readonly string[]; least: 0 | 1 } {
  return isObject(value) && "keys" in value && "least" in value;
}
