import fc from "fast-check";
import { expect, test } from "vitest";
import { LineWeave } from "../../../src/log/line-weave.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

function rig() {
  const clock = new VirtualClock();
  let out = "";
  const weave = new LineWeave(clock, (bytes) => {
    out += bytes.toString();
  });
  const a = { name: "a" };
  const b = { name: "b" };
  return { clock, weave, a, b, push: (stream: object, text: string) => weave.push(stream, Buffer.from(text)), out: () => out };
}

test("a stream that is alone is never held up, whatever its pieces", () => {
  const { push, a, out } = rig();
  for (const piece of ["on", "e\ntw", "o"]) push(a, piece);
  expect(out()).toBe("one\ntwo");
});

test("a line in two pieces is not torn by another stream", () => {
  const { push, a, b, out } = rig();
  push(a, "on");
  push(b, "x\n");
  expect(out()).toBe("on");
  push(a, "e\ntw");
  expect(out()).toBe("one\nx\ntw");
});

test("a prompt does not hold up the others for long", () => {
  const { push, a, b, out, clock } = rig();
  push(a, "password: ");
  push(b, "x\n");
  clock.advance(199);
  expect(out()).toBe("password: ");
  clock.advance(1);
  expect(out()).toBe("password: x\n");
  expect(clock.pending).toBe(0);
});

test("what waits for the end of a line is bounded", () => {
  const { push, a, b, out } = rig();
  push(a, "on");
  push(b, `${"x".repeat(70_000)}\n`);
  expect(out().length).toBe(70_003);
});

test("the end of a stream is the end of its line", () => {
  const { push, weave, a, b, out } = rig();
  push(a, "on");
  push(b, "x\n");
  weave.end(a);
  expect(out()).toBe("onx\n");
});

test("every byte goes on once, those of a stream in order, and no line of streams that end theirs is torn", () => {
  const lines = fc.array(fc.string({ unit: fc.constantFrom("x", "y"), maxLength: 5 }), { maxLength: 20 });
  fc.assert(
    fc.property(lines, lines, lines, fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 6 })), { maxLength: 60 }), (x, y, z, steps) => {
      const { push, out } = rig();
      const streams = [x, y, z].map((texts, at) => ({ at, rest: texts.map((text, i) => `${at}:${i}:${text}\n`).join("") }));
      const whole = streams.map(({ rest }) => rest);
      for (const [at, size] of [...steps, ...streams.map((_, i) => [i, 1_000] as const)]) {
        const stream = streams[at];
        if (stream === undefined) continue;
        push(stream, stream.rest.slice(0, size));
        stream.rest = stream.rest.slice(size);
      }
      const seen = out().split(/(?<=\n)/);
      expect(streams.map(({ at }) => seen.filter((line) => line.startsWith(`${at}:`)).join(""))).toEqual(whole);
    }),
  );
});
