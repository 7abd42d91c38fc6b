import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { connectControl } from "../../../src/control/client.ts";
import { fakeApi, logLine, STATES } from "./fake-api.ts";
import { connected, served } from "./rig.ts";
import { tempFolder } from "../../support/temp-folder.ts";

test("a call resolves with its result", async () => {
  const { path } = await served(fakeApi().api);
  const client = await connected(path);
  expect(await client.call("flow.states", {})).toEqual(STATES);
});

test("calls may overlap, on one connection and on several", async () => {
  const { path } = await served(fakeApi().api);
  const clients = [await connected(path), await connected(path)];
  const answers = await Promise.all(
    clients.flatMap((client) => ["net@name", "net@configured"].map((name) => client.call("flow.get", { name }))),
  );
  expect(answers).toEqual([["plain text"], [{ id: "eth0", up: true }], ["plain text"], [{ id: "eth0", up: true }]]);
});

test("each answer reaches its own call, in whatever order they come", async () => {
  let finish = () => {};
  const { path } = await served(fakeApi({ down: () => new Promise((resolve) => (finish = resolve)) }).api);
  const client = await connected(path);
  const down = client.call("system.down", {});
  expect(await client.call("flow.states", {})).toEqual(STATES);
  finish();
  expect(await down).toBeNull();
});

test("a refusal carries the daemon's code, exit code and hint", async () => {
  const { path } = await served(fakeApi().api);
  const client = await connected(path);
  await expect(client.call("flow.set", { name: "no@such" })).rejects.toMatchObject({
    message: "no@such is declared nowhere",
    code: "RIND_UNDECLARED",
    exitCode: 66,
    hint: "did you mean net@such?",
  });
});

test("where no socket is, no daemon runs", async () => {
  const path = join(tempFolder(), "rind.sock");
  await expect(connectControl(path)).rejects.toMatchObject({
    message: `no daemon runs at ${path}`,
    exitCode: 69,
    hint: "start one with: rind up",
  });
});

test("a message above the frame limit is refused before it is sent", async () => {
  const { path } = await served(fakeApi().api);
  const client = await connected(path);
  await expect(client.call("flow.set", { name: "a@b", words: ["x".repeat(2 * 1024 * 1024)] })).rejects.toThrow("the message is too long");
  expect(await client.call("flow.states", {})).toEqual(STATES);
});

test("a call that is open when the daemon goes is rejected with exit code 69", async () => {
  const path = await strange((socket) => socket.once("data", () => socket.destroy()));
  const client = await connected(path);
  await expect(client.call("flow.states", {})).rejects.toMatchObject({ code: "RIND_NO_DAEMON", exitCode: 69 });
});

test("a call after the daemon has gone is rejected at once", async () => {
  const path = await strange((socket) => socket.destroy());
  const client = await connected(path);
  await client.closed;
  await expect(client.call("flow.states", {})).rejects.toMatchObject({ exitCode: 69 });
});

test("a socket that speaks something else is named", async () => {
  const path = await strange((socket) => socket.write("220 smtp ready\n"));
  const client = await connected(path);
  await expect(client.call("flow.states", {})).rejects.toThrow(`${path} does not speak rind's protocol`);
});

test("a follower that stops reading holds up nothing else on its connection", async () => {
  const fake = fakeApi();
  const { path } = await served(fake.api);
  const client = await connected(path);
  for await (const _ of await client.follow("log.subscribe", {})) break;
  for (let seq = 10; seq < 20; seq++) {
    fake.log(logLine(seq));
    // so that each line is a message of its own
    await client.call("flow.states", {});
  }
  expect(await client.call("flow.states", {})).toEqual(STATES);
});

/** A server that is no daemon of ours. */
async function strange(onClient: (socket: Socket) => void): Promise<string> {
  const path = join(tempFolder(), "strange.sock");
  const server = createServer((socket) => {
    socket.on("error", () => {});
    onClient(socket);
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}
