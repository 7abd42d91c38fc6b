import { isTomlTable, type TomlTable } from "../../toml-table.ts";
import { isZinit } from "./is-zinit.ts";
import { ZINIT_SECTIONS, zinitKeys } from "./schema.ts";

/** A service of zinit's, whether in sections or in one table, in the sections of zinit's file. */
export function flatZinit(given: TomlTable): TomlTable {
  if (isZinit(given)) return given;
  const sections: Record<string, TomlTable> = { service: {} };
  for (const [key, value] of Object.entries(given)) {
    const whole = ZINIT_SECTIONS.find((section) => section === key);
    const section = ZINIT_SECTIONS.find((each) => each !== "health" && each !== "logging" && zinitKeys(each).includes(key));
    if (section !== undefined) (sections[section] ??= {})[key] = value;
    else if (whole !== undefined && isTomlTable(value)) sections[whole] = { ...sections[whole], ...value };
  }
  return sections;
}
