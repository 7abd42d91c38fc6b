import { expect, test } from "vitest";
import { Closing } from "../../../src/lib/closing.ts";

test("what was opened last is closed first, and each waits for the one before", async () => {
  const closing = new Closing();
  const closed: string[] = [];
  closing.add(() => closed.push("socket"));
  closing.add(async () => {
    await Promise.resolve();
    closed.push("clients");
  });
  await closing.close();
  expect(closed).toEqual(["clients", "socket"]);
});

test("one that fails keeps nothing else open, and its error is told", async () => {
  const closing = new Closing();
  const closed: string[] = [];
  closing.add(() => closed.push("socket"));
  closing.add(() => {
    throw new Error("clients");
  });
  await expect(closing.close()).rejects.toThrow("clients");
  expect(closed).toEqual(["socket"]);
});

test("nothing is closed twice", async () => {
  const closing = new Closing();
  let times = 0;
  closing.add(() => times++);
  await closing.close();
  await closing.close();
  expect(times).toBe(1);
});
