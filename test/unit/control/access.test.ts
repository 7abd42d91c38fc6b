import { chmodSync, lstatSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Caller } from "../../../src/control/api.ts";
import { RpcCode } from "../../../src/control/protocol.ts";
import { type ControlOptions, type Denial, serveControl } from "../../../src/control/server.ts";
import { DeniedError, NotPermittedError } from "../../../src/errors/rind-error.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { fakeApi } from "./fake-api.ts";
import { rawClient, until } from "./rig.ts";

/** Neither root nor who runs this test. */
const STRANGER: Caller = { pid: 4_711, uid: 47_110, gid: 47_110, groups: [] };

async function serving(options: Partial<ControlOptions> = {}) {
  const { api } = fakeApi({
    set: (name) => Promise.reject(new DeniedError(`${name} is not for you`, name)),
    get: (name) => {
      throw name === "rind@up" ? new NotPermittedError("Rind's own") : new DeniedError(`${name} is not for you`, name);
    },
    down: () => Promise.reject(new DeniedError("it is not for you", undefined)),
  });
  const denials: Denial[] = [];
  const path = join(tempFolder(), "run", "rind.sock");
  const server = await serveControl({
    path,
    api,
    onFault: (error) => expect.fail(String(error)),
    onDenied: (denial) => denials.push(denial),
    ...options,
  });
  onTestFinished(() => server.close());
  return { ...server, denials };
}

const call = (id: number | undefined, method: string, params: object = {}) =>
  JSON.stringify({ jsonrpc: "2.0", ...(id === undefined ? {} : { id }), method, params });
const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8);

test("a shared socket may be opened by everybody, as may the folder that was made for it; one that is shared no more by its owner alone", async () => {
  const { path, share } = await serving();
  expect([modeOf(path), modeOf(dirname(path))]).toEqual(["600", "700"]);
  share(true);
  expect([modeOf(path), modeOf(dirname(path))]).toEqual(["666", "755"]);
  share(false);
  expect(modeOf(path)).toBe("600");
});

test("a folder that was there before keeps its mode, unless it is Rind's own for sockets", async () => {
  const [foreign, own] = ["foreign", "own"].map((name) => join(tempFolder(), name));
  for (const folder of [foreign, own]) mkdirSync(String(folder), { mode: 0o700 });
  const path = (folder: string | undefined): string => join(String(folder), "s");
  (await serving({ path: path(foreign), runtimeFolder: String(own) })).share(true);
  (await serving({ path: path(own), runtimeFolder: String(own) })).share(true);
  expect([modeOf(String(foreign)), modeOf(path(foreign))]).toEqual(["700", "666"]);
  expect([modeOf(String(own)), modeOf(path(own))]).toEqual(["755", "666"]);
});

test("in a folder for sockets that others may write to, or that is a link, there is no socket; one that was named may lie anywhere", async () => {
  const folder = tempFolder();
  const [open, link] = [join(folder, "open"), join(folder, "link")];
  mkdirSync(open);
  chmodSync(open, 0o777);
  symlinkSync(tempFolder(), link);
  for (const runtimeFolder of [open, link])
    await expect(serving({ path: join(runtimeFolder, "s"), runtimeFolder })).rejects.toThrow(/others may write to it/);
  await serving({ path: join(open, "s"), runtimeFolder: join(folder, "own") });
});

test("who cannot be told gets nothing from a socket that is shared, nor from one that was", async () => {
  const { path, share } = await serving({ callerOf: () => undefined });
  const before = await rawClient(path);
  before.send(`${call(1, "flow.states")}\n`);
  expect(await before.answer()).toMatchObject({ id: 1 });
  for (const withAll of [true, false]) {
    share(withAll);
    const after = await rawClient(path);
    after.send(`${call(1, "flow.states")}\n`);
    await after.ended;
  }
});

test("a call that is denied is told with who asked what, once each, whatever form it has", async () => {
  const { path, denials } = await serving({ callerOf: () => STRANGER });
  const client = await rawClient(path);
  client.send(`${call(1, "flow.set", { name: "g@a" })}\n`);
  expect(await client.answer()).toEqual({
    jsonrpc: "2.0",
    id: 1,
    error: {
      code: RpcCode.failed,
      message: "not permitted: g@a is not for you",
      data: { code: "RIND_NOT_PERMITTED", exitCode: 77, hint: "", cause: null },
    },
  });
  client.send(`${call(undefined, "flow.get", { name: "g@b" })}\n`);
  client.send(`[${call(2, "system.down")},${call(3, "flow.states")},${call(undefined, "flow.set", { name: "g@c" })}]\n`);
  expect(await client.answer()).toMatchObject([{ error: { data: { exitCode: 77 } } }, { id: 3, result: expect.any(Array) as unknown }]);
  const denial = (method: string, item?: string) => ({ caller: STRANGER, method, item });
  const expected = [denial("flow.set", "g@a"), denial("flow.get", "g@b"), denial("system.down"), denial("flow.set", "g@c")];
  // those of a batch in any order
  expect(denials).toHaveLength(4);
  expect(denials).toEqual(expect.arrayContaining(expected));
});

test("what is refused to everybody is no denial", async () => {
  const { path, denials } = await serving({ callerOf: () => STRANGER });
  const client = await rawClient(path);
  client.send(`${call(1, "flow.get", { name: "rind@up" })}\n`);
  expect(await client.answer()).toMatchObject({ error: { data: { exitCode: 77 } } });
  expect(denials).toEqual([]);
});

test("a user has 64 connections, and again one when one of them ends; root, and who runs the daemon, have as many as they want", async () => {
  let caller = STRANGER;
  const { path } = await serving({ callerOf: () => caller });
  const open = async () => {
    const client = await rawClient(path);
    client.send(`${call(1, "flow.states")}\n`);
    return { client, answer: await client.answer() };
  };
  const [first] = await Promise.all(Array.from({ length: 64 }, open));
  const tooMany = await open();
  expect(tooMany.answer).toMatchObject({ id: null, error: { message: "uid 47110 has 64 connections already" } });
  await tooMany.client.ended;
  for (const uid of [0, process.getuid?.() ?? 0]) {
    caller = { ...STRANGER, uid };
    expect((await open()).answer).toMatchObject({ id: 1 });
  }
  caller = STRANGER;
  first?.client.socket.destroy();
  await until(async () => (await open()).answer.id === 1);
});
