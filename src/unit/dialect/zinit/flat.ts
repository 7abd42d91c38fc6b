import { isTomlTable, type TomlTable } from "../../toml-table.ts";
import { isZinit } from "./read.ts";
import { ZINIT_SECTIONS, zinitKeys } from "./schema.ts";

/** Keys that only zinit has: a table with one of these at its top is zinit's, with the keys of all sections in one. */
const FIRST_OF_ALL = ["exec", "dir", "oneshot", "restart_delay_ms", "restart_delay_max_ms", "max_restarts", "stability_period_ms"];

/** `given` in the sections of zinit's file; undefined: it is no service of zinit's. */
export function flatZinit(given: TomlTable): TomlTable | undefined {
  if (isZinit(given)) return given;
  if (Object.hasOwn(given, "run") || !FIRST_OF_ALL.some((key) => Object.hasOwn(given, key))) return undefined;
  const sections: Record<string, TomlTable> = { service: {} };
  for (const [key, value] of Object.entries(given)) {
    const whole = ZINIT_SECTIONS.find((section) => section === key);
    const section = ZINIT_SECTIONS.find((each) => each !== "health" && each !== "logging" && zinitKeys(each).includes(key));
    if (section !== undefined) (sections[section] ??= {})[key] = value;
    else if (whole !== undefined && isTomlTable(value)) sections[whole] = { ...sections[whole], ...value };
  }
  return sections;
}
