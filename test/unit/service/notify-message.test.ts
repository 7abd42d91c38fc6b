import fc from "fast-check";
import { expect, test } from "vitest";
import { type NotifyWord, parseNotifyMessage } from "../../../src/service/notify-message.ts";
import { PROPERTY_RUNS } from "../../support/property-runs.ts";

const parse = (text: string): readonly NotifyWord[] => parseNotifyMessage(Buffer.from(text));

test("N48: all that one datagram says counts, in its order", () => {
  expect(parse("READY=1\nSTATUS=serving 3 clients\nMAINPID=4711")).toEqual([
    { kind: "ready" },
    { kind: "status", text: "serving 3 clients" },
    { kind: "main-pid", pid: 4711 },
  ]);
});

test("every word that Rind knows is heard", () => {
  const text = "RELOADING=1\nMONOTONIC_USEC=5\nSTOPPING=1\nWATCHDOG=1\nWATCHDOG=trigger\nWATCHDOG_USEC=1500\nEXTEND_TIMEOUT_USEC=3000000\n";
  expect(parse(text)).toEqual([
    { kind: "reloading" },
    { kind: "stopping" },
    { kind: "watchdog" },
    { kind: "watchdog-trigger" },
    { kind: "watchdog-interval", ms: 2 },
    { kind: "extend-timeout", ms: 3_000 },
  ]);
});

test.each([
  ["", "nothing"],
  ["\n\n", "empty lines"],
  ["=VALUE", "no key"],
  ["READY", "no value"],
  ["READY=0", "another value"],
  ["READY=1\0x", "a NUL byte within"],
  ["READY =1", "a space"],
  ["ERRNO=2\nBUSERROR=x\nFDSTORE=1\nBARRIER=1\nX_OWN=1", "other keys"],
  ["MAINPID=0\nMAINPID=-1\nMAINPID=1.5\nMAINPID=99999999", "no pids"],
  ["WATCHDOG_USEC=0\nWATCHDOG_USEC=soon\nEXTEND_TIMEOUT_USEC=", "no times"],
])("N47: %j says nothing: %s", (text) => {
  expect(parse(text)).toEqual([]);
});

test("a word that makes no sense takes nothing from the others", () => {
  expect(parse("garbage\n=VALUE\nREADY=1\n\0\nUNKNOWN=x")).toEqual([{ kind: "ready" }]);
});

test("the byte at the end of a text in C is passed over", () => {
  expect(parse("READY=1\0")).toEqual([{ kind: "ready" }]);
});

test("a status keeps to one short line that no terminal obeys", () => {
  expect(parse(`STATUS=\u001b[31mred\tand so on\r`)).toEqual([{ kind: "status", text: "[31mred and so on" }]);
  expect(parse(`STATUS=${"x".repeat(5_000)}`)).toEqual([{ kind: "status", text: "x".repeat(1_000) }]);
});

test("a time that no timer can wait for is the longest that one can", () => {
  expect(parse("WATCHDOG_USEC=18446744073709551615")).toEqual([{ kind: "watchdog-interval", ms: 2 ** 31 - 1 }]);
});

test("N47: no bytes at all do harm", () => {
  const word = fc.constantFrom("READY=1", "STATUS=", "WATCHDOG_USEC=", "MAINPID=", "=", "\n", "\0", "1", "99999999999999999999");
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
    fc.array(word, { maxLength: 12 }).map((words) => Buffer.from(words.join(""))),
  );
  fc.assert(
    fc.property(bytes, (given) => {
      for (const said of parseNotifyMessage(given)) {
        if ("ms" in said) expect(said.ms).toSatisfy((ms: number) => Number.isInteger(ms) && ms > 0 && ms < 2 ** 31);
        if ("pid" in said) expect(said.pid).toSatisfy((pid: number) => Number.isInteger(pid) && pid > 0 && pid <= 2 ** 22);
        if ("text" in said) expect(said.text.length).toBeLessThanOrEqual(1_000);
      }
    }),
    { numRuns: PROPERTY_RUNS },
  );
});
