import { constants } from "node:os";
import { expect, test } from "vitest";
import { signalName, signalNumber } from "../../../src/lib/signal-name.ts";

test("every number from 1 to 64 has a name that leads back to it", () => {
  const numbers = Array.from({ length: 64 }, (_, i) => i + 1);
  expect(numbers.map((nr) => signalNumber(signalName(nr)))).toEqual(numbers);
  expect([signalName(constants.signals.SIGABRT), signalName(constants.signals.SIGIO), signalName(34)]).toEqual([
    "SIGABRT",
    "SIGIO",
    "SIG34",
  ]);
});
