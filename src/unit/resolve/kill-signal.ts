import { constants } from "node:os";
import { SIGNAL_NAMES } from "../schema/values.ts";

/** A signal as it is written: with or without `SIG`, or its number. undefined: there is none of that name. */
export function killSignalOf(raw: string | number): NodeJS.Signals | undefined {
  return SIGNAL_NAMES.find((name) => (typeof raw === "number" ? constants.signals[name] === raw : name === raw || name === `SIG${raw}`));
}
