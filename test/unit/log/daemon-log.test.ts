import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createDaemonLog, type LogLevel } from "../../../src/log/daemon-log.ts";

async function rig({ pretty = false, level = "info" as LogLevel } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "rind-log-"));
  const fd = openSync(join(folder, "log"), "a+");
  onTestFinished(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  const to = { write: (line: string) => void writeSync(fd, line) };
  return { log: await createDaemonLog({ pretty, level, to }), written: () => readFileSync(join(folder, "log"), "utf8") };
}

test("each line is one json with level, time, fields and message, written before the call returns", async () => {
  const { log, written } = await rig();
  log.warn({ service: "web@api", exit: { code: 3 } }, "the script failed");
  const line: unknown = JSON.parse(written());
  expect(line).toEqual({
    level: "warn",
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    service: "web@api",
    exit: { code: 3 },
    msg: "the script failed",
  });
});

test("what is below the level is not written", async () => {
  const { log, written } = await rig({ level: "warn" });
  log.debug({}, "no");
  log.info({}, "no");
  log.error({}, "yes");
  expect(written().match(/"msg":"[^"]*"/g)).toEqual(['"msg":"yes"']);
});

test("a child log adds its fields", async () => {
  const { log, written } = await rig();
  log.child({ service: "web@api" }).info({ phase: "running" }, "changed");
  expect(JSON.parse(written())).toMatchObject({ service: "web@api", phase: "running", msg: "changed" });
});

test("an error keeps its message, stack and cause", async () => {
  const { log, written } = await rig();
  log.error({ err: new Error("no room", { cause: new Error("ENOSPC") }) }, "not stored");
  expect(JSON.parse(written())).toMatchObject({
    err: { type: "Error", message: "no room: ENOSPC", stack: expect.stringContaining("daemon-log.test") },
  });
});

test("a pretty log is for people: no json, level and fields in words", async () => {
  const { log, written } = await rig({ pretty: true });
  log.info({ socket: "/run/s" }, "all services ready");
  expect(written()).toMatch(/INFO.*all services ready.*"socket":"\/run\/s"/s);
  expect(written()).not.toMatch(/^\{/);
});

test("a pretty line begins with the service and its phase", async () => {
  const { log, written } = await rig({ pretty: true });
  log.info({ service: "web@server", phase: "running", pid: 42 }, "its process is up");
  log.warn({ service: "web@server" }, "no value");
  const lines = written().replaceAll(/\u001b\[\d+m/g, "");
  expect(lines).toMatch(/^\[[\d:.]+\] INFO: web@server running: its process is up\n\[[\d:.]+\] WARN: web@server: no value\n$/);
});
