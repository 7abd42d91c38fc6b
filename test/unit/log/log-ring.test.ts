import fc from "fast-check";
import { expect, test } from "vitest";
import type { RingLine } from "../../../src/log/ring-line.ts";
import { DEFAULT_LINES, LogRing, type RingQuery } from "../../../src/log/log-ring.ts";

const ALL: RingQuery = { names: [], lines: undefined, since: undefined, after: undefined };

function rig() {
  let time = 1_000;
  const ring = new LogRing(() => time);
  return {
    ring,
    /** Lines such as `web hello`, one millisecond apart. */
    print: (...lines: readonly string[]) => {
      for (const line of lines) {
        const [instance = "", text = ""] = line.split(" ");
        ring.append(instance, "stdout", Buffer.from(text));
        time += 1;
      }
    },
    shown: (query: Partial<RingQuery> = {}) => texts(ring.query({ ...ALL, ...query })),
  };
}

const texts = (lines: readonly RingLine[]): string[] => lines.map(({ instance, bytes }) => `${instance} ${bytes}`);
const numbered = (from: number, to: number, instance = "web"): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${instance} ${from + i}`);

test("lines of all services come in the order in which they were printed", () => {
  const { print, shown } = rig();
  print("web 1", "db 1", "web 2", "db 2");
  expect(shown()).toEqual(["web 1", "db 1", "web 2", "db 2"]);
});

test("a line bears its number, time, stream and bytes", () => {
  const { ring } = rig();
  ring.append("web", "stderr", Buffer.from([0xff]));
  expect(ring.query(ALL)).toEqual([{ seq: 1, time: 1_000, instance: "web", stream: "stderr", bytes: Buffer.from([0xff]) }]);
  expect(ring.lastSeq).toBe(1);
});

test("the name of a service stands for all its instances, and for no service whose name begins like it", () => {
  const { print, shown } = rig();
  print("g@web 1", "g@web/alice 2", "g@web/bob 3", "g@webmail 4");
  expect(shown({ names: ["g@web"] })).toEqual(["g@web 1", "g@web/alice 2", "g@web/bob 3"]);
  expect(shown({ names: ["g@web/bob", "g@webmail"] })).toEqual(["g@web/bob 3", "g@webmail 4"]);
});

test("lines, since and after choose the newest, the later and the following", () => {
  const { print, shown } = rig();
  print("web 1", "db 1", "web 2", "db 2");
  expect(shown({ lines: 3 })).toEqual(["db 1", "web 2", "db 2"]);
  expect(shown({ names: ["web"], lines: 1 })).toEqual(["web 2"]);
  expect(shown({ lines: 0 })).toEqual([]);
  expect(shown({ since: 1_001 })).toEqual(["web 2", "db 2"]);
  expect(shown({ after: 3 })).toEqual(["db 2"]);
});

test("a service keeps its last thousand lines, and takes no place from another", () => {
  const { print, shown } = rig();
  print("db quiet", ...numbered(1, DEFAULT_LINES + 5));
  expect(shown({ names: ["web"] })).toEqual(numbered(6, DEFAULT_LINES + 5));
  expect(shown({ names: ["db"] })).toEqual(["db quiet"]);
});

test("another number of lines counts at once, for what is kept and for what comes", () => {
  const { ring, print, shown } = rig();
  print(...numbered(1, 10));
  ring.setLines("web", 3);
  expect(shown()).toEqual(numbered(8, 10));
  print("web 11");
  expect(shown()).toEqual(numbered(9, 11));
});

test("long lines are kept only as far as there is room for them, the newest always", () => {
  const { ring } = rig();
  const big = Buffer.alloc(64 * 1_024);
  for (let i = 0; i < 100; i++) ring.append("web", "stdout", big);
  expect(ring.query(ALL).map(({ seq }) => seq)).toEqual(Array.from({ length: 15 }, (_, i) => 86 + i));
  ring.append("db", "stdout", Buffer.alloc(2 * 1_024 * 1_024));
  expect(ring.query({ ...ALL, names: ["db"] })).toHaveLength(1);
});

test("many services together stay within bounds, and a quiet one keeps its lines", () => {
  const { ring, shown } = rig();
  ring.append("quiet", "stdout", Buffer.from("still here"));
  const big = Buffer.alloc(60 * 1_024);
  for (let i = 0; i < 200; i++) for (let line = 0; line < 16; line++) ring.append(`loud/${i}`, "stdout", big);
  const kept = ring.query({ ...ALL, names: ["loud"] }).reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(kept).toBeGreaterThan(32 * 1_024 * 1_024);
  expect(kept).toBeLessThan(64 * 1_024 * 1_024);
  expect(shown({ names: ["quiet"] })).toEqual(["quiet still here"]);
});

test("a forgotten instance has no lines", () => {
  const { ring, print, shown } = rig();
  print("web 1", "db 1");
  ring.forget("web");
  expect(shown()).toEqual(["db 1"]);
});

test("a reader gets the lines of a forgotten instance that it had not taken", () => {
  const { ring, print } = rig();
  const follower = ring.follow({ names: ["web"], after: 0, wake: () => {} });
  print("web/a 1", "db 1");
  follower.pull(10, 1_000_000);
  print("web/a 2", "web/a 3");
  ring.forget("web/a");
  ring.forget("db");
  print("web/a 4");
  const { lines, missed } = follower.pull(10, 1_000_000);
  expect({ lines: texts(lines), missed }).toEqual({ lines: ["web/a 2", "web/a 3", "web/a 4"], missed: 0 });
});

test("who follows from the last line that was queried sees each later line once", () => {
  const { ring, print, shown } = rig();
  print("web 1", "db 1");
  const before = shown();
  const follower = ring.follow({ names: [], after: ring.lastSeq, wake: () => {} });
  print("web 2", "db 2", "new 1");
  expect([...before, ...texts(follower.pull(100, 1_000_000).lines)]).toEqual(["web 1", "db 1", "web 2", "db 2", "new 1"]);
  expect(follower.pull(100, 1_000_000)).toEqual({ lines: [], missed: 0 });
});

test("who follows takes as many lines as it can bear, oldest first", () => {
  const { ring, print } = rig();
  const follower = ring.follow({ names: [], after: 0, wake: () => {} });
  print("web 1", "db 1", "web 2");
  expect(texts(follower.pull(2, 1_000_000).lines)).toEqual(["web 1", "db 1"]);
  expect(texts(follower.pull(2, 1_000_000).lines)).toEqual(["web 2"]);
});

test("a reader that keeps up gets every line of a burst, also those that the ring keeps no more", () => {
  const { ring, print } = rig();
  ring.setLines("web", 2);
  const follower = ring.follow({ names: ["web"], after: 0, wake: () => {} });
  print(...numbered(1, 10_000));
  const { lines, missed } = follower.pull(20_000, 1_000_000);
  expect({ lines: texts(lines), missed }).toEqual({ lines: numbered(1, 10_000), missed: 0 });
});

test("N89: a slow reader is told how many lines it missed, at the place where they are missing", () => {
  const { ring } = rig();
  const follower = ring.follow({ names: ["web"], after: 0, wake: () => {} });
  const print = (count: number): void => {
    for (let i = 0; i < count; i++) ring.append("web", "stdout", Buffer.alloc(64 * 1_024));
  };
  print(100);
  const got: (number | string)[] = follower.pull(10, 1_000_000).lines.map(({ seq }) => seq);
  print(2);
  for (let next = follower.pull(7, 1_000_000); next.lines.length + next.missed > 0; next = follower.pull(7, 1_000_000)) {
    if (next.missed > 0) got.push(`${next.missed} missed`);
    got.push(...next.lines.map(({ seq }) => seq));
  }
  const before = got.length - 3;
  expect(before).toBeGreaterThan(20);
  expect(got).toEqual([...Array.from({ length: before }, (_, i) => i + 1), `${100 - before} missed`, 101, 102]);
});

test("what a batch weighs is bounded too", () => {
  const { ring } = rig();
  const follower = ring.follow({ names: [], after: 0, wake: () => {} });
  for (let i = 0; i < 10; i++) ring.append("web", "stdout", Buffer.alloc(1_000));
  expect(follower.pull(100, 3_000).lines.length).toBe(3);
});

test("a reader is woken once, by a line it asked for, after it had found nothing", () => {
  const { ring, print } = rig();
  let woken = 0;
  const follower = ring.follow({ names: ["web"], after: 0, wake: () => (woken += 1) });
  print("web 1");
  expect(woken).toBe(0);
  follower.pull(10, 1_000_000);
  follower.pull(10, 1_000_000);
  print("db 1");
  expect(woken).toBe(0);
  print("web 2", "web 3");
  expect(woken).toBe(1);
  follower.pull(10, 1_000_000);
  follower.pull(10, 1_000_000);
  follower.close();
  print("web 4");
  expect(woken).toBe(1);
});

test("whatever the pace, what is taken and what is missed make up all that was printed", () => {
  const step = fc.oneof(
    fc.record({ print: fc.constantFrom("a", "b", "b/1", "c"), times: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ pull: fc.integer({ min: 1, max: 500 }) }),
    fc.record({ limit: fc.constantFrom("a", "b"), lines: fc.integer({ min: 1, max: 300 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const ring = new LogRing(() => 0);
      const follower = ring.follow({ names: ["a", "b"], after: 0, wake: () => {} });
      let printed = 0;
      let seen = 0;
      let lastSeq = 0;
      const pull = (max: number): boolean => {
        const { lines, missed } = follower.pull(max, 1_000_000);
        for (const { seq } of lines) {
          expect(seq).toBeGreaterThan(lastSeq);
          lastSeq = seq;
        }
        seen += lines.length + missed;
        return lines.length + missed > 0;
      };
      for (const now of steps) {
        if ("pull" in now) pull(now.pull);
        else if ("limit" in now) ring.setLines(now.limit, now.lines);
        else {
          for (let i = 0; i < now.times; i++) ring.append(now.print, "stdout", Buffer.from(String(i)));
          if (now.print !== "c") printed += now.times;
        }
      }
      while (pull(100));
      expect(seen).toBe(printed);
    }),
  );
});

test("whatever is printed at once, the answers are those of a list of lines", () => {
  const word = fc.constantFrom("", "a", "some words", "x".repeat(200));
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        print: fc.constantFrom("g@a", "g@b/1", "g@b/2"),
        stream: fc.constantFrom("stdout" as const, "stderr" as const),
        lines: fc.array(word, { minLength: 1, maxLength: 30 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ limit: fc.constantFrom("g@a", "g@b/1"), to: fc.integer({ min: 0, max: 40 }) }) },
    { weight: 1, arbitrary: fc.record({ forget: fc.constantFrom("g@a", "g@b/2") }) },
  );
  const question = fc.record({
    names: fc.constantFrom<readonly string[]>([], ["g@b"], ["g@b/1", "g@a"]),
    lines: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
    since: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
    after: fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(question, { minLength: 1, maxLength: 5 }), (steps, questions) => {
      let time = 0;
      const ring = new LogRing(() => time);
      const kept = new Map<string, RingLine[]>();
      const limits = new Map<string, number>();
      const cut = (name: string): void => {
        const lines = kept.get(name) ?? [];
        lines.splice(0, Math.max(0, lines.length - (limits.get(name) ?? DEFAULT_LINES)));
      };
      let seq = 0;
      for (const now of steps) {
        time += 1;
        if ("limit" in now) {
          ring.setLines(now.limit, now.to);
          limits.set(now.limit, now.to);
          cut(now.limit);
        } else if ("forget" in now) {
          ring.forget(now.forget);
          kept.delete(now.forget);
          limits.delete(now.forget);
        } else {
          const { print: instance, stream, lines } = now;
          ring.appendLines(instance, stream, Buffer.from(lines.join("\n")), lines.length);
          const list = kept.get(instance) ?? [];
          kept.set(instance, list);
          for (const line of lines) list.push({ seq: (seq += 1), time, instance, stream, bytes: Buffer.from(line) });
          cut(instance);
        }
      }
      for (const query of questions) {
        const { names, lines = Number.POSITIVE_INFINITY, since = -1, after = 0 } = query;
        const asked = [...kept.values()]
          .flat()
          .filter(({ instance }) => names.length === 0 || names.some((name) => instance === name || instance.startsWith(`${name}/`)))
          .filter((line) => line.time > since && line.seq > after)
          .sort((a, b) => a.seq - b.seq);
        expect(ring.query(query)).toEqual(asked.slice(Math.max(0, asked.length - lines)));
      }
    }),
  );
});

test("a reader of what is printed at once gets each line with its number, in batches of any size", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.constantFrom("", "a", "some words"), { minLength: 1, maxLength: 20 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 100 }),
      (prints, max, maxBytes) => {
        const ring = new LogRing(() => 0);
        const follower = ring.follow({ names: [], after: 0, wake: () => {} });
        const got: RingLine[] = [];
        const pull = (): number => {
          const { lines } = follower.pull(max, maxBytes);
          expect(lines.length).toBeLessThanOrEqual(max);
          got.push(...lines);
          return lines.length;
        };
        for (const lines of prints) {
          ring.appendLines("g@s", "stdout", Buffer.from(lines.join("\n")), lines.length);
          pull();
        }
        while (pull() > 0);
        expect(got.map(({ seq, bytes }) => `${seq} ${String(bytes)}`)).toEqual(prints.flat().map((line, i) => `${i + 1} ${line}`));
      },
    ),
  );
});
