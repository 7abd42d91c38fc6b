import { chmodSync, lstatSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { serveControl } from "../../../src/control/server.ts";
import type { ChangeAnswer, Listing, ReloadAnswer } from "../../../src/control/api.ts";
import type { Json } from "../../../src/model/json.ts";
import { RejectedError } from "../../../src/errors/rind-error.ts";
import { fakeApi } from "./fake-api.ts";
import { rawClient, served, until } from "./rig.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const call = (id: number | string, method: string, params?: object) => `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;

test("a call gets the answer with its id", async () => {
  const { path } = await served(fakeApi().api);
  const client = await rawClient(path);
  client.send(call("a", "flow.get", { name: "net@configured" }));
  expect(await client.answer()).toEqual({ jsonrpc: "2.0", id: "a", result: [{ id: "eth0", up: true }] });
});

test("an unknown method is answered with the one that was probably meant", async () => {
  const { path } = await served(fakeApi().api);
  const client = await rawClient(path);
  client.send(call(1, "flow.emitt"));
  expect((await client.answer()).error).toMatchObject({
    code: -32601,
    message: 'unknown method "flow.emitt"',
    data: { hint: "did you mean flow.emit?" },
  });
});

test.each([
  [{ nam: "x" }, /^flow\.get: .*name/],
  [{ name: "x", more: 1 }, /more/],
  [{ name: 7 }, /name: .*string/],
  [["net@configured"], /object/],
])("params %j are refused with what would be right", async (params, message) => {
  const { path } = await served(fakeApi().api);
  const client = await rawClient(path);
  client.send(call(1, "flow.get", params));
  const { error } = await client.answer();
  expect(error.code).toBe(-32602);
  expect(error.message).toMatch(message);
  expect(error.data.hint).toBe("params are an object with: name");
});

test("bad json gets an answer, and the connection goes on", async () => {
  const { path } = await served(fakeApi().api);
  const client = await rawClient(path);
  client.send(`{"jsonrpc": nonsense}\n`);
  client.send(call(2, "system.info"));
  expect(await client.answer()).toMatchObject({ id: null, error: { code: -32700 } });
  expect((await client.answer()).result.version).toBe("0.1.0");
});

test("bytes that are no UTF-8 are bad json", async () => {
  const { path } = await served(fakeApi().api);
  const client = await rawClient(path);
  client.socket.write(Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"'), Buffer.from([0xff]), Buffer.from('"}\n')]));
  expect((await client.answer()).error.code).toBe(-32700);
});

test.each([
  "7",
  '"text"',
  "{}",
  '{"jsonrpc":"1.0","id":1,"method":"system.info"}',
  '{"jsonrpc":"2.0","id":1,"method":7}',
  '{"jsonrpc":"2.0","id":{},"method":"system.info"}',
])("%s is no request", async (line) => {
  const { path } = await served(fakeApi().api);
  const client = await rawClient(path);
  client.send(`${line}\n`);
  expect((await client.answer()).error.code).toBe(-32600);
});

test("what Rind refuses carries code, exit code and hint", async () => {
  const { path } = await served(fakeApi().api);
  const client = await rawClient(path);
  client.send(call(1, "flow.set", { name: "no@such" }));
  expect((await client.answer()).error).toEqual({
    code: -32000,
    message: "no@such is declared nowhere",
    data: { code: "RIND_UNDECLARED", exitCode: 66, hint: "did you mean net@such?", cause: null },
  });
});

test("a handler that throws costs that call only, and is told to the daemon", async () => {
  const { api } = fakeApi({
    info() {
      throw new TypeError("broken inside");
    },
  });
  const { path, faults } = await served(api);
  const client = await rawClient(path);
  client.send(call(1, "system.info") + call(2, "flow.states"));
  const answers = [await client.answer(), await client.answer()];
  expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
    [1, -32603],
    [2, undefined],
  ]);
  expect(faults).toEqual([new TypeError("broken inside")]);
});

test("a notification is carried out and gets no answer", async () => {
  const { api, asked } = fakeApi();
  const { path } = await served(api);
  const client = await rawClient(path);
  client.send(`${JSON.stringify({ jsonrpc: "2.0", method: "flow.emit", params: { name: "a@b" } })}\n`);
  client.send(`${JSON.stringify({ jsonrpc: "2.0", method: "no.such" })}\n`);
  client.send(call(3, "flow.states"));
  expect((await client.answer()).id).toBe(3);
  expect(asked).toEqual([["emit", "a@b", { kind: "json", value: undefined }]]);
});

test("a batch is answered in one line, without answers for its notifications", async () => {
  const { path } = await served(fakeApi().api);
  const client = await rawClient(path);
  client.send(`[${call(1, "flow.states").trim()},{"jsonrpc":"2.0","method":"flow.states"},{"foo":1},${call(2, "no.such").trim()}]\n`);
  const answers = await client.answer();
  expect(answers.map((answer: { id: unknown; error?: { code: number } }) => [answer.id, answer.error?.code])).toEqual([
    [1, undefined],
    [null, -32600],
    [2, -32601],
  ]);
});

test("a batch is carried out in order, its slow calls at once, and what follows it comes after", async () => {
  const fake = fakeApi();
  const begun: string[] = [];
  const slow = new Map<string, () => void>();
  const emit = (name: string): Promise<ChangeAnswer> => {
    begun.push(name);
    return new Promise((resolve) => slow.set(name, () => resolve({ changed: true, effects: [], notes: [] })));
  };
  const { path } = await served({ ...fake.api, emit });
  const client = await rawClient(path);
  const emits = ["a@1", "a@2"].map((name, id) => call(id, "flow.emit", { name }).trim());
  client.send(`[${emits.join(",")}]\n${call(3, "flow.emit", { name: "a@3" })}`);
  await until(() => slow.size === 3);
  expect(begun).toEqual(["a@1", "a@2", "a@3"]);
  for (const name of ["a@3", "a@2", "a@1"]) slow.get(name)?.();
  expect(await client.answer()).toMatchObject({ id: 3 });
  expect(await client.answer()).toMatchObject([{ id: 0 }, { id: 1 }]);
});

test("of a batch whose answers become too long the rest is refused", async () => {
  const big = "x".repeat(100_000);
  const { path } = await served({ ...fakeApi().api, get: () => [big] });
  const client = await rawClient(path);
  const one = call(1, "flow.get", { name: "a@b" }).trim();
  client.send(`[${Array.from({ length: 1_000 }, () => one).join(",")}]\n`);
  const answers: { result?: unknown; error?: { message: string } }[] = await client.answer();
  expect(answers).toHaveLength(1_000);
  expect(answers.filter(({ result }) => result !== undefined)).toHaveLength(21);
  expect(answers.at(-1)?.error?.message).toBe("the answers to this batch are too long");
});

test("of a client that does not read only so many calls are carried out as it has room for the answers", async () => {
  let calls = 0;
  const get = (): Json[] => {
    calls += 1;
    return ["x".repeat(100_000)];
  };
  const { path } = await served({ ...fakeApi().api, get });
  const [client, other] = [await rawClient(path), await rawClient(path)];
  client.socket.pause();
  client.send(call(1, "flow.get", { name: "a@b" }).repeat(200));
  other.send(call(1, "flow.get", { name: "a@b" }));
  await other.answer();
  expect(calls).toBeLessThan(20);
});

test.each([
  ["system.list", "one by one"],
  ["system.list", "in one batch"],
  ["system.reload", "one by one"],
])("a client that asks for much (%s, %s) does not keep the others waiting", async (method, how) => {
  let calls = 0;
  const work = (): void => {
    calls += 1;
    for (const end = performance.now() + 1; performance.now() < end; );
  };
  const list = (): Listing => {
    work();
    return { services: [], states: [], signals: [] };
  };
  const reload = async (): Promise<ReloadAnswer> => {
    work();
    throw new RejectedError("not now");
  };
  const { path } = await served({ ...fakeApi().api, list, reload });
  const [client, other] = [await rawClient(path), await rawClient(path)];
  const many = Array.from({ length: 1_000 }, () => call(1, method).trim());
  client.send(how === "in one batch" ? `[${many.join(",")}]\n` : `${many.join("\n")}\n`);
  await until(() => calls > 0);
  other.send(call(2, "flow.states"));
  await other.answer();
  expect(calls).toBeLessThan(500);
});

test("a connection has 16 subscriptions, and is told so", async () => {
  const fake = fakeApi();
  const { path } = await served(fake.api);
  const client = await rawClient(path);
  client.send(`[${Array.from({ length: 17 }, (_, id) => call(id, "event.subscribe").trim()).join(",")}]\n`);
  const answers: { error?: { message: string } }[] = await client.answer();
  expect(answers.map(({ error }) => error?.message).filter(Boolean)).toEqual(["this connection has 16 subscriptions already"]);
  expect(fake.followers()).toBe(16);
});

test("an empty batch is a bad request", async () => {
  const { path } = await served(fakeApi().api);
  const client = await rawClient(path);
  client.send("[]\n");
  expect(await client.answer()).toMatchObject({ id: null, error: { code: -32600 } });
});

test("112: a frame above the cap is answered, ends that connection, and no other", async () => {
  const { path } = await served(fakeApi().api);
  const other = await rawClient(path);
  const client = await rawClient(path);
  client.send("x".repeat(2 * 1024 * 1024 + 1));
  expect((await client.answer()).error).toMatchObject({ code: -32600, message: "the message is too long" });
  await client.ended;
  other.send(call(1, "flow.states"));
  expect((await other.answer()).id).toBe(1);
});

test.each(["at once", "when its turn is over"])(
  "a client that has sent all of a frame before it reads hears why that was refused: %s",
  async (when) => {
    let now = 0;
    // each look at the clock is a turn later
    if (when !== "at once") vi.spyOn(performance, "now").mockImplementation(() => (now += 100));
    onTestFinished(() => void vi.restoreAllMocks());
    const { path } = await served(fakeApi().api);
    const client = await rawClient(path);
    client.socket.pause();
    const sent = new Promise<void>((resolve, reject) => {
      client.socket.write("x".repeat(16 * 1024 * 1024), (error) => (error ? reject(error) : resolve()));
    });
    await sent;
    client.socket.resume();
    expect((await client.answer()).error.message).toBe("the message is too long");
  },
);

test.each(["payload", "words"])("a payload of 1 MiB passes as %s", async (field) => {
  const { api, asked } = fakeApi();
  const { path } = await served(api);
  const client = await rawClient(path);
  const text = "x".repeat(1024 * 1024 - 2);
  client.send(call(1, "flow.set", { name: "a@b", [field]: field === "words" ? [text] : text }));
  expect((await client.answer()).result.changed).toBe(true);
  expect(asked).toHaveLength(1);
});

test("a payload above 1 MiB is refused", async () => {
  const { path } = await served(fakeApi().api);
  const client = await rawClient(path);
  client.send(call(1, "flow.set", { name: "a@b", words: ["x".repeat(1024 * 1024), "y"] }));
  expect((await client.answer()).error).toMatchObject({ data: { code: "RIND_REJECTED", exitCode: 1 } });
});

test("a payload that is nested without end is refused", async () => {
  const { api, asked } = fakeApi();
  const { path } = await served(api);
  const client = await rawClient(path);
  client.send(
    `{"jsonrpc":"2.0","id":1,"method":"flow.set","params":{"name":"a@b","payload":${"[".repeat(100_000)}${"]".repeat(100_000)}}}\n`,
  );
  expect((await client.answer()).error.message).toBe("the payload is nested too deeply");
  expect(asked).toEqual([]);
});

test("a last line without line end is answered when the client has ended its side, however long the call takes", async () => {
  let finish = () => {};
  const { api } = fakeApi({ down: () => new Promise((resolve) => (finish = resolve)) });
  const { path } = await served(api);
  const client = await rawClient(path);
  client.socket.end(call(1, "system.down").trim());
  const other = await rawClient(path);
  other.send(call(2, "flow.states"));
  await other.answer();
  finish();
  expect(await client.answer()).toEqual({ jsonrpc: "2.0", id: 1, result: null });
  await client.ended;
});

test("calls of one connection begin in their order and are answered as they are ready", async () => {
  const began: string[] = [];
  let finish = () => {};
  const { api } = fakeApi({
    async restart(names) {
      began.push(names[0] ?? "");
      if (names[0] === "slow@one") await new Promise<void>((resolve) => (finish = resolve));
      return [];
    },
  });
  const { path } = await served(api);
  const client = await rawClient(path);
  client.send(call(1, "service.restart", { names: ["slow@one"] }) + call(2, "service.restart", { names: ["fast@one"] }));
  expect((await client.answer()).id).toBe(2);
  finish();
  expect((await client.answer()).id).toBe(1);
  expect(began).toEqual(["slow@one", "fast@one"]);
});

test("a client that does not read its answers is not read from", async () => {
  const { api, asked } = fakeApi({ get: () => ["x".repeat(100_000)] });
  const { path } = await served(api);
  const client = await rawClient(path);
  client.socket.pause();
  const long = { name: "a@b", payload: "y".repeat(20_000) };
  for (let i = 0; i < 400; i++) client.send(call(i, "flow.get", { name: "a@b" }) + call(i, "flow.emit", long));
  const other = await rawClient(path);
  for (let i = 0; i < 400; i++) {
    other.send(call(i, "flow.states"));
    await other.answer();
  }
  expect(asked.length).toBeLessThan(200);
  expect(client.socket.writableLength).toBeGreaterThan(4_000_000);
  client.socket.resume();
  await until(() => asked.length === 400);
});

test("the socket is open to its owner alone, and a folder that is missing is made so too", async () => {
  const folder = join(tempFolder(), "run", "rind");
  const { path } = await served(fakeApi().api, join(folder, "rind.sock"));
  expect(lstatSync(path).mode & 0o777).toBe(0o600);
  expect(lstatSync(folder).mode & 0o777).toBe(0o700);
});

test("a socket that somebody serves is not taken over", async () => {
  const { path } = await served(fakeApi().api);
  await expect(serveControl({ path, api: fakeApi().api, onFault: () => {} })).rejects.toThrow(`another daemon serves ${path}`);
  const client = await rawClient(path);
  client.send(call(1, "flow.states"));
  expect((await client.answer()).id).toBe(1);
});

test("a socket that a dead daemon left behind is replaced", async () => {
  const path = join(tempFolder(), "rind.sock");
  await leaveStaleSocket(path);
  await served(fakeApi().api, path);
  const client = await rawClient(path);
  client.send(call(1, "flow.states"));
  expect((await client.answer()).id).toBe(1);
});

test("a file that is no socket is left alone", async () => {
  const path = join(tempFolder(), "notes.txt");
  writeFileSync(path, "keep me");
  await expect(serveControl({ path, api: fakeApi().api, onFault: () => {} })).rejects.toThrow(`${path} exists and is no socket`);
});

test("a path that no unix socket can have is named as the mistake", async () => {
  const path = `/tmp/${"x".repeat(110)}`;
  await expect(serveControl({ path, api: fakeApi().api, onFault: () => {} })).rejects.toThrow(
    /has 115 bytes, and a unix socket may have 107/,
  );
});

test("closing answers the calls that run, ends the connections and removes the socket", async () => {
  let finish = () => {};
  const { api } = fakeApi({ down: () => new Promise((resolve) => (finish = resolve)) });
  const server = await served(api);
  const idle = await rawClient(server.path);
  const client = await rawClient(server.path);
  client.send(call(1, "system.down"));
  idle.send(call(2, "flow.states"));
  await idle.answer();
  const closed = server.close();
  finish();
  expect(await client.answer()).toMatchObject({ id: 1 });
  client.socket.end();
  idle.socket.end();
  await closed;
  expect(lstatSync(server.path, { throwIfNoEntry: false })).toBeUndefined();
});

/** What a killed daemon leaves: a socket file with nobody behind it. */
async function leaveStaleSocket(path: string): Promise<void> {
  const { spawnSync } = await import("node:child_process");
  const program = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", program]);
  chmodSync(path, 0o600);
  await new Promise<void>((resolve) => connect(path).once("error", () => resolve()));
}
