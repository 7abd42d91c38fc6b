import { constants } from "node:os";
import { SIGNAL_NAMES } from "../schema/signal-names.ts";

/** A signal as it is written: with or without `SIG`, or its number. undefined: there is none of that name. */
export function killSignalOf(raw: string | number): NodeJS.Signals | undefined {
  if (typeof raw === "number") return SIGNAL_NAMES.find((name) => constants.signals[name] === raw);
  return SIGNAL_NAMES.find((name) => name === raw) ?? SIGNAL_NAMES.find((name) => name === `SIG${raw}`);
}
