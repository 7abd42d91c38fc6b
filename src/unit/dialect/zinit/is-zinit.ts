import { isTomlTable, type TomlTable } from "../../toml-table.ts";

/** Whether a file is zinit's: one `[service]`, with something to `exec`, or at least nothing of the native way to say what is run. */
export function isZinit(root: TomlTable): boolean {
  const { service } = root;
  return (
    isTomlTable(service) && (Object.hasOwn(service, "exec") || !["run", "extends", "template"].some((key) => Object.hasOwn(service, key)))
  );
}

/** Keys that only zinit has: a table with one of these at its top is zinit's, with the keys of all sections in one. */
const FIRST_OF_ALL = ["exec", "dir", "oneshot", "restart_delay_ms", "restart_delay_max_ms", "max_restarts", "stability_period_ms"];

/** Whether a service that a client gives is zinit's, in sections or in one table. */
export function isGivenZinit(given: TomlTable): boolean {
  return isZinit(given) || (!Object.hasOwn(given, "run") && FIRST_OF_ALL.some((key) => Object.hasOwn(given, key)));
}
