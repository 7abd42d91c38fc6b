import { expect, test } from "vitest";
import { DenialLog } from "../../../src/daemon/denial-log.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

test("of one user 100 denials are logged within a minute, and that there were more; another's are logged all the same", () => {
  const [log, clock] = [quietLog(), new VirtualClock()];
  const denials = new DenialLog(log, clock);
  const told = (uid: number, times: number): number => {
    const before = log.messages.length;
    for (let count = 0; count < times; count++) denials.tell({ uid, pid: 1, method: "system.down" });
    return log.messages.length - before;
  };
  expect(told(1_000, 1_000)).toBe(101);
  expect(log.messages.at(-1)).toBe("warn what else this user asks for without the right to is not logged for a minute");
  expect(told(1_001, 5)).toBe(5);
  clock.advance(59_999);
  expect(told(1_000, 1)).toBe(0);
  clock.advance(1);
  expect(told(1_000, 1)).toBe(1);
});
