import { constants } from "node:os";

const NAMES: ReadonlyMap<number, string> = new Map(
  // of two with one number the first is the usual one
  Object.entries(constants.signals)
    .toReversed()
    .map(([name, nr]) => [nr, name]),
);

/** The name of a signal; those that have none, the real-time ones, go by their number: `SIG34`. */
export function signalName(nr: number): NodeJS.Signals {
  // That type knows only those with a name.
  return (NAMES.get(nr) ?? `SIG${nr}`) as NodeJS.Signals;
}

/** The number of a signal, by the name that `signalName` gives it. */
export function signalNumber(name: NodeJS.Signals): number {
  const known: Readonly<Record<string, number>> = constants.signals;
  return known[name] ?? Number(name.slice("SIG".length));
}
