import { spawn } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { peerCredentials } from "../../src/process/peer-credentials.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { launch } from "../support/launch.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** As the kernel has them: Node adds the group of the process itself. */
function ownGroups(): number[] {
  const [, list = ""] = /^Groups:(.*)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return list.split(/\s+/).flatMap((word) => (word === "" ? [] : [Number(word)]));
}

test("who has opened a connection is known by the kernel's word, until it is closed", async () => {
  const path = join(tempFolder(), "socket");
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const connected = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const client = spawn(process.execPath, ["-e", `require("node:net").connect(${JSON.stringify(path)})`], { stdio: "inherit" });
  onTestFinished(() => void client.kill("SIGKILL"));
  const socket = await connected;
  expect(peerCredentials(socket)).toEqual({
    pid: client.pid,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
    groups: ownGroups(),
  });
  socket.destroy();
  expect(peerCredentials(socket)).toBeUndefined();
});

test.skipIf(!IS_ROOT)("another user is known with all supplementary groups, however many", async () => {
  const folder = tempFolder();
  chmodSync(folder, 0o755);
  const path = join(folder, "socket");
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  chmodSync(path, 0o777);
  const connected = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const groups = Array.from({ length: 300 }, (_, i) => 70_000 + i);
  const identity = { uid: 65_534, gid: 65_533, groups };
  const { handle } = launch({
    program: process.execPath,
    args: ["-e", `require("node:net").connect(${JSON.stringify(path)})`],
    cwd: "/",
    identity,
  });
  expect(peerCredentials(await connected)).toEqual({ pid: handle.pid, ...identity });
});
