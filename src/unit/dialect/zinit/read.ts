/**
 * Reads a service file of zinit's by zinit's own rules: its fields, its defaults, and its leniency. Unknown fields are passed over, and a
 * health section without one of its required fields is no health check; both with a warning.
 */
import { isTomlTable, type TomlTable } from "../../toml-table.ts";
import type { Report } from "../../problem.ts";
import { reportIssues } from "../../schema-problems.ts";
import { ZINIT_SECTIONS, type ZinitConfig, type ZinitSection, zinitKeys, zinitSchema } from "./schema.ts";

export interface ReadZinit {
  /** undefined: there are mistakes, which were reported. */
  readonly config: ZinitConfig | undefined;
  /** What zinit knows of the file, as it was written. */
  readonly given: TomlTable;
}

/** `root`: keys as they are written. A null, as json has it, is a field that is not given. */
export function readZinit(root: TomlTable, report: Report): ReadZinit {
  const given = knownSections(root, report);
  reportForward(given, report);
  const parsed = zinitSchema().safeParse(given);
  if (!parsed.success) {
    const { service } = given;
    const noProgram = isTomlTable(service) && !Object.hasOwn(service, "exec");
    if (noProgram) report.error(["service"], '"exec" is missing', 'write exec = "/usr/bin/program"; a unit of Rind\'s own has [[service]]');
    const others = parsed.error.issues.filter(({ path }) => !(noProgram && path[0] === "service" && path[1] === "exec"));
    reportIssues(others, given, report);
  }
  return { config: parsed.data, given };
}

function knownSections(root: TomlTable, report: Report): TomlTable {
  const given: TomlTable = {};
  for (const [key, value] of Object.entries(root)) {
    const section = ZINIT_SECTIONS.find((each) => each === key);
    if (section === undefined) ignored([key], "section", key, ZINIT_SECTIONS, report);
    else if (value !== null) given[key] = isTomlTable(value) ? knownKeys(value, section, report) : value;
  }
  const health = healthCheck(given["health"], report);
  if (health === undefined) delete given["health"];
  else given["health"] = health;
  return given;
}

function knownKeys(table: TomlTable, section: ZinitSection, report: Report): TomlTable {
  const known: readonly string[] = zinitKeys(section);
  const given: TomlTable = {};
  for (const [key, value] of Object.entries(table)) {
    if (!known.includes(key)) ignored([section, key], "field", key, known, report);
    else if (value !== null) given[key] = value;
  }
  return given;
}

function ignored(path: readonly string[], what: string, key: string, known: readonly string[], report: Report): void {
  report.warningAtKey(path, `the ${what} "${key}" is ignored: zinit knows none of that name`, `known here: ${known.join(", ")}`);
}

/** With its `type`, which may be left to what the other fields look like. undefined: there is no check. */
function healthCheck(health: unknown, report: Report): unknown {
  if (!isTomlTable(health)) return health;
  const { target, type } = health;
  if (target === undefined) {
    report.warning(["health"], 'this health check is ignored: "target" is missing', 'write target = "http://localhost:8080/health"');
    return undefined;
  }
  return type === undefined && typeof target === "string" ? { type: typeOf(target, health), ...health } : health;
}

function typeOf(target: string, health: TomlTable): string {
  if (/^https?:\/\//.test(target) || health["expect_status"] !== undefined) return "http";
  return /^[^\s/]+:\d+$/.test(target) ? "tcp" : "exec";
}

function reportForward({ logging }: TomlTable, report: Report): void {
  if (isTomlTable(logging) && typeof logging["forward"] === "string")
    report.warningAtKey(["logging", "forward"], '"forward" does nothing yet: logs stay in Rind, and in "file"');
}
