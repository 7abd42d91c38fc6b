import { spawn } from "node:child_process";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { peerCredentials } from "../../src/process/peer-credentials.ts";
import { tempFolder } from "../support/temp-folder.ts";

test("who has opened a connection is known by the kernel's word, until it is closed", async () => {
  const path = join(tempFolder(), "socket");
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const connected = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const client = spawn(process.execPath, ["-e", `require("node:net").connect(${JSON.stringify(path)})`], { stdio: "inherit" });
  onTestFinished(() => void client.kill("SIGKILL"));
  const socket = await connected;
  expect(peerCredentials(socket)).toEqual({ pid: client.pid, uid: process.getuid?.(), gid: process.getgid?.() });
  socket.destroy();
  expect(peerCredentials(socket)).toBeUndefined();
});
