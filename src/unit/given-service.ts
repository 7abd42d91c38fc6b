/**
 * A service that a client gives as json (SPEC 10), in Rind's own shape (`{ name, run, ... }`) or in zinit's (`{ service: { name, exec },
 * lifecycle: ... }`, or all its fields in one table), as the file of the services folder that it becomes. What can be told of it alone is
 * told here; what it refers to, by the loader, with that file as a candidate.
 */
import { stringify } from "smol-toml";
import { isJsonObject, type Json } from "../model/json.ts";
import { isName, NAME_MAX_LENGTH } from "../model/name.ts";
import { isGivenZinit } from "./dialect/zinit/is-zinit.ts";
import { normalise } from "./normalise.ts";
import { ODD } from "../lib/outline-reader.ts";
import { readByOutline } from "./outline/read.ts";
import { type Path, type Report, showPath } from "./problem.ts";
import { isTomlTable, type TomlTable } from "./toml-table.ts";

/** A service that was given as json, as a file of the services folder. */
export type GivenService =
  | {
      readonly ok: true;
      /** In full. */
      readonly name: string;
      readonly fileName: string;
      readonly text: string;
    }
  | {
      readonly ok: false;
      readonly check: "parse" | "fields";
      readonly message: string;
      readonly hint: string;
      readonly mistakes: readonly FieldMistake[];
    };

/** What is wrong with one field. */
export interface FieldMistake {
  /** Such as `lifecycle.restart` or `after[0]`; empty for the service as a whole. */
  readonly field: string;
  readonly message: string;
  readonly hint: string;
}

/** Touches nothing: a name such as `../evil` is refused here. */
export async function readGivenService(service: Json): Promise<GivenService> {
  if (!isJsonObject(service)) {
    const message = "a service is a json object";
    return { ok: false, check: "parse", message, hint: 'such as {"name": "web", "run": "web --port 80"}', mistakes: [] };
  }
  const mistakes: FieldMistake[] = [];
  const report = reportFields(mistakes);
  const given = structuredClone(service) as TomlTable; // as: json is made of what a table is made of
  const file = isGivenZinit(given)
    ? await zinitFile(given, report)
    : await nativeFile(isTomlTable(given["service"]) ? given["service"] : given, report);
  const [first, ...more] = mistakes;
  if (first === undefined && file !== undefined) return { ok: true, ...file };
  const message = mistakes.map((mistake) => mistake.message).join("; ");
  return { ok: false, check: "fields", message, hint: more.length === 0 ? (first?.hint ?? "") : "", mistakes };
}

type StoredService = Omit<Extract<GivenService, { ok: true }>, "ok">;

async function zinitFile(root: TomlTable, report: Report): Promise<StoredService | undefined> {
  const { flatZinit } = await import("./dialect/zinit/flat.ts");
  const { readZinit } = await import("./dialect/zinit/read.ts");
  const { config, given } = readZinit(flatZinit(root), report);
  if (config === undefined) return undefined;
  const { name } = config.service;
  return { name: `${name}@${name}`, fileName: `${name}.toml`, text: stringify(given) };
}

async function nativeFile({ name, ...given }: TomlTable, report: Report): Promise<StoredService | undefined> {
  const [group = "", item = group, ...more] = typeof name === "string" ? name.split("@") : [];
  if (typeof name !== "string") report.error([], '"name" is missing', 'write "name": "web", or "servers@web"');
  else if (more.length > 0 || !isName(group) || !isName(item)) {
    report.error(["name"], `${JSON.stringify(name)} is no name for a service`, NAME_HINT);
  }
  const table: TomlTable = { name: isName(item) ? item : "unnamed", ...withoutNulls(given) };
  const checked = structuredClone(table);
  normalise(checked, report);
  if (!["run", "extends", "template"].some((key) => Object.hasOwn(checked, key))) {
    report.error([], '"run" is missing', 'write "run": "program arguments"');
  }
  if (readByOutline("service", checked) === ODD) (await import("./check-by-schema.ts")).checkItem("service", checked, report);
  return {
    name: `${group}@${item}`,
    fileName: `${group === item ? group : `${group}@${item}`}.toml`,
    text: stringify({ service: [table] }),
  };
}

const NAME_HINT = `at most ${NAME_MAX_LENGTH} letters, digits, "_", "." and "-", not beginning with "." or "-"; a group may stand before it, as in "servers@web"`;

/** A null of json is a key that is not given: TOML has none. */
function withoutNulls(table: TomlTable): TomlTable {
  return Object.fromEntries(
    Object.entries(table).flatMap(([key, value]): [string, unknown][] =>
      value === null ? [] : [[key, isTomlTable(value) ? withoutNulls(value) : value]],
    ),
  );
}

/** Unknown fields of zinit's are no mistakes, and are not stored. */
function reportFields(mistakes: FieldMistake[]): Report {
  const error = (path: Path, message: string, hint = "") => {
    mistakes.push({ field: showPath(path), message, hint });
  };
  return { error, errorAtKey: error, warning: () => {}, warningAtKey: () => {} };
}
