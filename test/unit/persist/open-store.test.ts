import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Json } from "../../../src/model/json.ts";
import { decode, encodeGroup, HEADER, writeLine } from "../../../src/persist/format.ts";
import { NotStoredError } from "../../../src/persist/not-stored-error.ts";
import { openStore } from "../../../src/persist/open-store.ts";
import type { Store, StoreWrite } from "../../../src/persist/store.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const NOON = Date.UTC(2026, 4, 1, 12);
const ASIDE = "state.corrupt-2026-05-01T12-00-00.000Z";

function rig() {
  const folder = tempFolder();
  const path = join(folder, "state");
  const log = quietLog();
  return {
    path,
    log,
    open: () => openStore(path, { log, now: () => NOON }),
    files: () => readdirSync(folder).filter((name) => !name.includes(".lock-")),
    /** Puts these bytes in the place of the state file, opens it, and closes it again. */
    reopen: async (bytes?: Buffer) => {
      if (bytes !== undefined) writeFileSync(path, bytes);
      const { store, warnings } = await openStore(path, { log, now: () => NOON });
      const entries = [...store.entries];
      await store.close();
      return { entries, warnings };
    },
  };
}

/** One transaction per group: `a=1 b=2` sets two keys, `a` takes one away. */
async function commit(store: Store, ...transactions: readonly string[]): Promise<void> {
  for (const transaction of transactions) {
    store.append(
      transaction.split(" ").map((word) => {
        const [key = "", value] = word.split("=");
        return { key, value };
      }),
    );
    await store.flush();
  }
}

test("103: a state file that is missing is an empty store without a warning, and so is an empty one", async () => {
  const { path, open, reopen, log } = rig();
  const { store, warnings } = await open();
  expect({ size: store.entries.size, warnings, log: log.messages }).toEqual({ size: 0, warnings: [], log: [] });
  await store.close();
  expect(await reopen(Buffer.alloc(0))).toEqual({ entries: [], warnings: [] });
  expect(statSync(path).size).toBe(0);
});

test("what was stored is there after reopening, in the order in which it was first set", async () => {
  const { open, reopen } = rig();
  const { store } = await open();
  await commit(store, "a=1 b=2", "c=3", "a=4", "b", "b=5");
  expect([...store.entries]).toEqual([
    ["a", "4"],
    ["c", "3"],
    ["b", "5"],
  ]);
  await store.close();
  expect((await reopen()).entries).toEqual([
    ["a", "4"],
    ["c", "3"],
    ["b", "5"],
  ]);
});

test("the folder and the file are for their owner alone", async () => {
  const path = join(tempFolder(), "deep/er/state");
  const { store } = await openStore(path, { log: quietLog(), now: () => NOON });
  await commit(store, "a=1");
  await store.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  expect(statSync(dirname(dirname(path))).mode & 0o777).toBe(0o700);
});

test("a value of a mebibyte is stored like any other", async () => {
  const { open, reopen } = rig();
  const { store } = await open();
  const value = { text: "é\n".repeat(350_000) };
  store.append([{ key: "large", value }]);
  await store.flush();
  await store.close();
  expect((await reopen()).entries).toEqual([["large", value]]);
});

test("what is flushed is in the file when the flush resolves", async () => {
  const { path, open } = rig();
  const { store } = await open();
  onTestFinished(() => store.close());
  await commit(store, "a=1");
  expect(decode(readFileSync(path)).writes).toMatchObject([{ key: "a", value: "1" }]);
});

test("all who flush at once share one group; who comes while it is written shares the next", async () => {
  const { path, open } = rig();
  const { store } = await open();
  onTestFinished(() => store.close());
  const many = (from: number) =>
    Array.from({ length: 32 }, (_, i) => {
      store.append([{ key: `k${from + i}`, value: i }]);
      return store.flush();
    });
  const first = many(0);
  // The first commit takes what is there when the loop has turned, and waits for the disk.
  for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([...first, ...many(100)]);
  expect(store.entries.size).toBe(64);
  expect(groupsOf(path)).toBe(2);
});

test("who wait for the disk one after the other, 32 at a time, share its writes: as many as there are rounds, and not one each", async () => {
  const { path, open } = rig();
  const { store } = await open();
  onTestFinished(() => store.close());
  const rounds = 20;
  const client = async (client: number): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      store.append([{ key: `k${client}`, value: round }]);
      await store.flush();
    }
  };
  await Promise.all(Array.from({ length: 32 }, (_, i) => client(i)));
  const { writes } = decode(readFileSync(path));
  expect(writes).toHaveLength(32 * rounds);
  expect(groupsOf(path)).toBe(rounds);
});

test("what is not there is not taken away on disk", async () => {
  const { path, open } = rig();
  const { store } = await open();
  onTestFinished(() => store.close());
  await commit(store, "a=1", "b", "a", "a");
  expect(decode(readFileSync(path)).writes.map(({ key, value }) => [key, value])).toEqual([
    ["a", "1"],
    ["a", undefined],
  ]);
  expect(groupsOf(path)).toBe(2);
});

test("what nobody flushes reaches the disk soon all the same", async () => {
  const { path, open } = rig();
  const { store } = await open();
  onTestFinished(() => store.close());
  store.append([{ key: "a", value: 1 }]);
  await expect.poll(() => statSync(path, { throwIfNoEntry: false })?.size ?? 0, { timeout: 10_000 }).toBeGreaterThan(20);
  expect(decode(readFileSync(path)).writes).toMatchObject([{ key: "a", value: 1 }]);
});

test("102: a byte flipped in the state file starts an empty store, warns, and keeps the bad file aside", async () => {
  const { path, open, reopen, files } = rig();
  const { store } = await open();
  await commit(store, "a=1", "b=2", "c=3");
  await store.close();
  const bad = readFileSync(path);
  bad[40] = (bad[40] ?? 0) ^ 0x20;

  expect(await reopen(bad)).toEqual({
    entries: [],
    warnings: [`the state file ${path} is damaged: it was put aside as ${dirname(path)}/${ASIDE}, and nothing of it is taken over`],
  });
  expect(files()).toEqual([ASIDE]);
  expect(readFileSync(join(dirname(path), ASIDE))).toEqual(bad);
});

test("a damaged tail is cut and kept aside, and the store goes on after what comes before it", async () => {
  const { path, open, reopen, files } = rig();
  const { store } = await open();
  await commit(store, "a=1", "b=2", "c=3");
  await store.close();

  const { store: again, warnings } = await (async () => {
    writeFileSync(path, readFileSync(path).subarray(0, -3));
    return open();
  })();
  expect(warnings).toEqual([
    `the end of the state file ${path} is damaged: it was cut off and kept as ${dirname(path)}/${ASIDE}; what comes before it is taken over`,
  ]);
  expect(readFileSync(join(dirname(path), ASIDE), "latin1")).toMatch(/^0000000a [0-9a-f]{8}\n\["c","3$/);
  await commit(again, "d=4");
  await again.close();
  expect(await reopen()).toEqual({
    entries: [
      ["a", "1"],
      ["b", "2"],
      ["d", "4"],
    ],
    warnings: [],
  });
  expect(files()).toEqual(["state", ASIDE]);
});

/** How often the disk was written to, as long as nothing was compacted. */
function groupsOf(path: string): number {
  return readFileSync(path, "latin1").match(/^[0-9a-f]{8} [0-9a-f]{8}$/gm)?.length ?? 0;
}

/** Where the last group in the file ends: after it comes room for the next. */
function groupsEnd(path: string): number {
  const file = readFileSync(path, { flag: "a+" });
  return file.length === 0 ? 0 : decode(file).end;
}

/** A journal of several groups, and the entries after each of them, the empty store first. */
async function journal(transactions: readonly string[]) {
  const { path, open } = rig();
  const { store } = await open();
  const after: { readonly size: number; readonly entries: readonly (readonly [string, Json])[] }[] = [{ size: 0, entries: [] }];
  for (const transaction of transactions) {
    await commit(store, transaction);
    after.push({ size: groupsEnd(path), entries: [...store.entries] });
  }
  await store.close();
  return { bytes: readFileSync(path), after };
}

const TRANSACTIONS = ["a=1 b=2", "c=x\ny", "a=2 b", "b=3 d=ééé", "a c"];

test("cut at any byte, reopening gives all groups that were whole and no half change", async () => {
  const { bytes, after } = await journal(TRANSACTIONS);
  const { reopen } = rig();
  for (let cut = 0; cut <= bytes.length; cut++) {
    const expected = after.findLast(({ size }) => size <= cut)?.entries;
    expect((await reopen(bytes.subarray(0, cut))).entries, `cut at ${cut}`).toEqual(expected);
    const withRoom = Buffer.concat([bytes.subarray(0, cut), Buffer.alloc(100)]);
    expect((await reopen(withRoom)).entries, `cut at ${cut}, in the room that was made for it`).toEqual(expected);
  }
});

test("while it is used the file has room for what comes, which no commit has to make; it is gone when the store is closed", async () => {
  const { path, open, reopen } = rig();
  const { store } = await open();
  await commit(store, "a=1");
  const { size } = statSync(path);
  await commit(store, "b=2", "c=3");
  expect({ grows: statSync(path).size - size, hasRoom: size > groupsEnd(path) }).toEqual({ grows: 0, hasRoom: true });
  const killed = readFileSync(path);
  await store.close();
  expect(statSync(path).size).toBe(groupsEnd(path));
  const entries = ["a", "b", "c"].map((key, i) => [key, `${i + 1}`]);
  expect(await reopen(killed)).toEqual({ entries, warnings: [] });
});

test("any flipped bit gives a state that once was, and never an error", async () => {
  const { bytes, after } = await journal(TRANSACTIONS);
  const { reopen } = rig();
  const once = new Set(after.map(({ entries }) => JSON.stringify(entries)));
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    const { entries, warnings } = await reopen(flipped);
    expect({ known: once.has(JSON.stringify(entries)), warnings: warnings.length }, `flipped at ${at}`).toEqual({
      known: true,
      warnings: 1,
    });
  }
});

test("whatever is changed and wherever it is cut, what was acknowledged before the cut is there", { timeout: 60_000 }, async () => {
  const write = fc.record({
    key: fc.constantFrom("a", "b", "c", "d"),
    value: fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined }),
  });
  const transactions = fc.array(fc.record({ writes: fc.array(write, { minLength: 1, maxLength: 4 }), flush: fc.boolean() }), {
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(transactions, fc.nat(), async (steps, where) => {
      const { path, open, reopen } = rig();
      const { store } = await open();
      const now = () => JSON.stringify([...store.entries]);
      const history = [now()];
      const acknowledged = [{ size: 0, age: 0 }];
      for (const { writes, flush } of steps) {
        // fast-check gives nothing that json cannot hold.
        store.append(writes as StoreWrite[]);
        history.push(now());
        if (!flush) continue;
        await store.flush();
        acknowledged.push({ size: groupsEnd(path), age: history.length - 1 });
      }
      await store.close();
      const bytes = readFileSync(path, { flag: "a+" });
      const cut = where % (bytes.length + 1);
      const entries = JSON.stringify((await reopen(bytes.subarray(0, cut))).entries);
      const oldest = acknowledged.findLast(({ size }) => size <= cut)?.age ?? 0;
      expect(history.lastIndexOf(entries), `${entries} of ${history.join(", ")}`).toBeGreaterThanOrEqual(oldest);
      if (cut === bytes.length) expect(entries).toBe(history.at(-1));
    }),
    { numRuns: 150 },
  );
});

test("a file much larger than what is in it is compacted while it is used, and keeps content and order", async () => {
  const { path, open, reopen, files, log } = rig();
  const { store } = await open();
  let largest = 0;
  for (let round = 0; round < 300; round++) {
    store.append(Array.from({ length: 10 }, (_, i) => ({ key: `k${(round * 7 + i) % 40}`, value: { round, pad: "x".repeat(2_000) } })));
    store.append([{ key: `k${round % 40}`, value: undefined }]);
    await store.flush();
    largest = Math.max(largest, statSync(path).size);
  }
  const entries = [...store.entries];
  await store.close();
  expect(largest).toBeGreaterThan(1_024 * 1_024);
  expect(largest).toBeLessThan(3 * 1_024 * 1_024);
  expect(await reopen()).toEqual({ entries, warnings: [] });
  expect({ files: files(), log: log.messages }).toEqual({ files: ["state"], log: [] });
});

test("a compaction takes in what is appended while it runs", async () => {
  const { path, open, reopen } = rig();
  const { store } = await open();
  const fill = () => store.append(Array.from({ length: 500 }, (_, i) => ({ key: `k${i}`, value: "x".repeat(3_000) })));
  for (let i = 0; i < 5; i++) {
    fill();
    await store.flush();
  }
  const before = statSync(path).size;
  // Now it runs, beside these.
  let round = 0;
  for (; statSync(path).size >= before; round++) {
    store.append([{ key: `k${round % 500}`, value: undefined }]);
    store.append([{ key: `new ${round}`, value: round }]);
    await store.flush();
    if (round > 20_000) throw new Error("it was never compacted");
  }
  await commit(store, "end=1");
  const entries = [...store.entries];
  await store.close();
  expect(round).toBeGreaterThan(0);
  expect((await reopen()).entries).toEqual(entries);
});

test("a file that a former daemon left too large is compacted when it is opened", async () => {
  const { path, open, reopen } = rig();
  const value = "x".repeat(200_000);
  const groups = Array.from({ length: 8 }, (_, i) =>
    encodeGroup(writeLine({ key: `k${i % 2}`, value }) + writeLine({ key: "i", value: i })),
  );
  writeFileSync(path, Buffer.concat([HEADER, ...groups]));
  const { store } = await open();
  await expect.poll(() => statSync(path).size, { timeout: 10_000 }).toBeLessThan(500_000);
  await store.close();
  expect((await reopen()).entries).toEqual([
    ["k0", value],
    ["i", 7],
    ["k1", value],
  ]);
});

test("a disk that refuses is answered, told once, and gets what it refused when it takes it", async () => {
  const { path, open, reopen, log } = rig();
  const { store } = await open();
  // A folder in the place of the file cannot be written, not even by root.
  mkdirSync(path);
  store.append([{ key: "a", value: 1 }]);
  await expect(store.flush()).rejects.toThrow(NotStoredError);
  store.append([{ key: "b", value: 2 }]);
  const [answer, other] = await Promise.all([store.flush(), store.flush()].map((flushed) => flushed.catch((error: unknown) => error)));
  expect(answer).toMatchObject({ code: "RIND_NOT_STORED", exitCode: 1 });
  expect(other, "one try serves all who wait").toBe(answer);
  expect([...store.entries.keys()]).toEqual(["a", "b"]);
  expect(log.messages).toEqual(["error not stored: it stands in memory and is tried again"]);

  rmdirSync(path);
  await store.flush();
  expect(log.messages.slice(1)).toEqual(["info stored again: the disk takes what was refused before"]);
  await store.close();
  expect((await reopen()).entries).toEqual([
    ["a", 1],
    ["b", 2],
  ]);
});

test("a store that cannot be used says which and why", async () => {
  const { path } = rig();
  writeFileSync(path, "");
  await expect(openStore(join(path, "state"), { log: quietLog(), now: () => NOON })).rejects.toThrow(
    `the state file ${path}/state cannot be used: E`,
  );
  await expect(openStore(dirname(path), { log: quietLog(), now: () => NOON })).rejects.toThrow(
    `the state file ${dirname(path)} cannot be used: EISDIR`,
  );
});

test("a snapshot that a dead daemon did not finish is swept away", async () => {
  const { path, reopen, files } = rig();
  writeFileSync(`${path}.new`, "half");
  await reopen();
  expect(files()).toEqual([]);
});

test("a store that is not needed stands in memory where its file cannot be used, says so, and writes over nothing", async () => {
  const { path } = rig();
  writeFileSync(path, "in the way");
  const below = join(path, "state");
  const { store, warnings } = await openStore(below, { log: quietLog(), now: () => NOON, needed: false });
  expect(warnings).toEqual([
    expect.stringMatching(/^nothing is stored: the state file .*state cannot be used: E.*; states stand in memory$/),
  ]);
  store.append([{ key: "a", value: 1 }]);
  await expect(store.flush()).rejects.toThrow(/not stored/);
  expect(store.entries.get("a")).toBe(1);
  await expect(store.close()).rejects.toThrow(/not stored/);
  expect(readFileSync(path, "utf8")).toBe("in the way");
});
