import { expect, test } from "vitest";
import type { LogBatch } from "../../../src/control/protocol.ts";
import { fakeApi, logLine } from "./fake-api.ts";
import { connected, rawClient, served, until } from "./rig.ts";

const follow = (params: object = {}) => `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "log.subscribe", params })}\n`;
const seqs = (batch: LogBatch) => batch.lines.map(({ seq }) => seq);

test("a follower gets the lines that are kept, then each new one, with no gap and no repeat", async () => {
  const fake = fakeApi();
  const { path } = await served(fake.api);
  const client = await rawClient(path);
  client.send(follow());
  expect(await client.answer()).toEqual({ jsonrpc: "2.0", id: 1, result: { subscription: 1 } });
  const kept = await client.answer();
  fake.log(logLine(3));
  fake.log(logLine(4));
  const news = await client.answer();
  expect([...seqs(kept.params), ...seqs(news.params)]).toEqual([1, 2, 3, 4]);
  expect(news).toMatchObject({ method: "log.lines", params: { subscription: 1, missed: 0 } });
});

test("the answer with the number of a subscription goes before its first lines", async () => {
  const fake = fakeApi({
    followLogs(_query, onLines) {
      void onLines([logLine(9)]);
      return () => {};
    },
  });
  const { path } = await served(fake.api);
  const client = await rawClient(path);
  client.send(follow());
  expect((await client.answer()).id).toBe(1);
  expect(seqs((await client.answer()).params)).toEqual([1, 2, 3, 9]);
});

test("a follower that does not read waits up to a limit, and is told at the place how many lines it missed", async () => {
  const fake = fakeApi();
  const { path } = await served(fake.api);
  const client = await rawClient(path);
  client.send(follow({ lines: 0 }));
  await client.answer();
  client.socket.pause();
  const total = 4_000;
  for (let seq = 10; seq < 10 + total; seq++) fake.log(logLine(seq, { line: "x".repeat(1_000) }));
  client.socket.resume();

  const got: number[] = [];
  let missed = 0;
  while (got.length + missed < total) {
    const { params } = await client.answer();
    missed += params.missed;
    // What stands in one message with the number comes after the gap.
    if (params.missed > 0) expect(params.lines[0]?.seq ?? Number.POSITIVE_INFINITY).toBeGreaterThan((got.at(-1) ?? 0) + 1);
    got.push(...seqs(params));
  }
  expect(missed).toBeGreaterThan(total / 4);
  expect(got).toEqual(Array.from({ length: total - missed }, (_, i) => i + 10));

  fake.log(logLine(10 + total));
  expect((await client.answer()).params).toMatchObject({ missed: 0, lines: [{ seq: 10 + total }] });
});

test("a log that moved on before it was read is told as missed", async () => {
  const fake = fakeApi();
  const { path } = await served(fake.api);
  const client = await rawClient(path);
  client.send(follow({ lines: 0 }));
  await client.answer();
  fake.log(logLine(50), 7);
  expect((await client.answer()).params).toMatchObject({ missed: 7, lines: [{ seq: 50 }] });
});

test("a client that vanishes releases its followers", async () => {
  const fake = fakeApi();
  const { path } = await served(fake.api);
  const client = await rawClient(path);
  client.send(`${follow()}${JSON.stringify({ jsonrpc: "2.0", id: 2, method: "event.subscribe" })}\n`);
  await until(() => fake.followers() === 2);
  client.socket.destroy();
  await until(() => fake.followers() === 0);
});

test("a client that vanishes with lines unread releases its followers too", async () => {
  const fake = fakeApi();
  const { path } = await served(fake.api);
  const client = await rawClient(path);
  client.send(follow({ lines: 0 }));
  await client.answer();
  client.socket.pause();
  for (let seq = 10; seq < 2_000; seq++) fake.log(logLine(seq, { line: "z".repeat(1_000) }));
  client.socket.destroy();
  await until(() => fake.followers() === 0);
});

test("the client reads events in order until it closes, and the server lets go", async () => {
  const fake = fakeApi();
  const { path } = await served(fake.api);
  const client = await connected(path);
  const batches = await client.follow("event.subscribe", {});
  const ids: number[] = [];
  for (let id = 1; id <= 50; id++) fake.event({ id, tx: 1, time: 0, cause: [], kind: "outside", what: "test" });
  for await (const { facts } of batches) {
    ids.push(...facts.map((fact) => fact.id));
    if (ids.length === 50) client.close();
  }
  expect(ids).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  await until(() => fake.followers() === 0);
});

test("a follower hears that the daemon has gone", async () => {
  const fake = fakeApi();
  const server = await served(fake.api);
  const client = await connected(server.path);
  const batches = await client.follow("event.subscribe", {});
  const reading = (async () => {
    for await (const _ of batches);
  })();
  await Promise.all([expect(reading).rejects.toMatchObject({ code: "RIND_NO_DAEMON", exitCode: 69 }), server.close()]);
});

test("a reader that is slow slows the socket down, and loses nothing that the server kept", async () => {
  const fake = fakeApi();
  const { path } = await served(fake.api);
  const client = await connected(path);
  const batches = await client.follow("log.subscribe", { lines: 0 });
  for (let seq = 10; seq < 510; seq++) fake.log(logLine(seq, { line: "y".repeat(1_000) }));
  const got: number[] = [];
  for await (const batch of batches) {
    got.push(...seqs(batch));
    expect(batch.missed).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    if (got.length === 500) client.close();
  }
  expect(got).toEqual(Array.from({ length: 500 }, (_, i) => i + 10));
});
