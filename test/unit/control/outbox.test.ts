import { expect, test } from "vitest";
import { Outbox } from "../../../src/control/outbox.ts";

function rig() {
  const written: string[] = [];
  const socket = { writable: true, writableLength: 0, write: (text: string) => written.push(text) > 0, end: () => written.push("END") };
  return { written, socket, outbox: new Outbox(socket) };
}

test("what comes in one go is one write, in its order", async () => {
  const { outbox, written } = rig();
  outbox.together(() => {
    outbox.add("a");
    outbox.add("b");
    expect(outbox.length).toBe(4);
  });
  expect(written).toEqual(["a\nb\n"]);
});

test("answers whose promises are settled together are one write", async () => {
  const { outbox, written } = rig();
  const stored = Promise.resolve();
  await Promise.all(["a", "b", "c"].map((line) => stored.then(() => {}).then(() => outbox.add(line))));
  expect(written).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toEqual(["a\nb\nc\n"]);
});

test("much is written without waiting for more", () => {
  const { outbox, written } = rig();
  outbox.together(() => {
    for (let i = 0; i < 300; i++) outbox.add("x".repeat(1_000));
    expect(written.length).toBe(4);
  });
  expect(written.join("").length).toBe(300 * 1_001);
});

test("the end comes after what was said before it, and nothing is said to a client that is gone", () => {
  const { outbox, written, socket } = rig();
  outbox.add("last");
  outbox.end();
  expect(written).toEqual(["last\n", "END"]);
  socket.writable = false;
  outbox.together(() => outbox.add("late"));
  expect(written).toEqual(["last\n", "END"]);
});
