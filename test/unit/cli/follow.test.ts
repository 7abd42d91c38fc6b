import { expect, test } from "vitest";
import { FACTS, logLine } from "../control/fake-api.ts";
import { until } from "../control/rig.ts";
import { rig } from "./rig.ts";

test("logs prints each line behind the name of its service", async () => {
  const { rind, asked } = await rig();
  expect((await rind(["logs", "-n", "2"])).out).toBe("web@server | line 2\nweb@server | oops\n");
  expect(asked[0]).toEqual(["logs", { names: [], lines: 2, since: undefined, after: undefined }]);
});

test("logs of one service prints its lines bare", async () => {
  const { rind } = await rig();
  expect((await rind(["logs", "web@server"])).out).toBe("line 1\nline 2\noops\n");
});

test("logs of a branching service names the instances", async () => {
  const { rind } = await rig({ logs: () => [logLine(1, { service: "login@session/ann" })] });
  expect((await rind(["logs", "login@session"])).out).toBe("login@session/ann | line 1\n");
});

test("logs --json prints one json text per line", async () => {
  const { rind } = await rig();
  const lines = (await rind(["logs", "--json"])).out.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))[2]).toEqual({
    seq: 3,
    time: "2030-01-02T12:00:00.003Z",
    service: "web@server",
    stream: "stderr",
    line: "oops",
  });
});

test("bytes that are no UTF-8 come out as they were printed", async () => {
  const { begin } = await rig({
    logs: () => [logLine(1, { line: "a\ufffdb", base64: Buffer.from([0x61, 0xff, 0x62]).toString("base64") })],
  });
  const run = begin(["logs", "web@server"]);
  await run.code;
  expect(run.bytes()).toEqual(Buffer.from([0x61, 0xff, 0x62, 0x0a]));
});

test.each([
  ["10m", Date.UTC(2030, 0, 2, 11, 55, 0)],
  ["2030-01-01T00:00:00Z", Date.UTC(2030, 0, 1)],
])("logs --since %s", async (text, since) => {
  const { rind, asked } = await rig();
  await rind(["logs", "--since", text]);
  expect(asked[0]).toEqual(["logs", { names: [], lines: undefined, since, after: undefined }]);
});

test("logs -f goes on with each new line, no gap and no repeat, until it is interrupted", async () => {
  const { begin, log, followers } = await rig();
  const run = begin(["logs", "-f"]);
  await until(() => followers() === 1);
  for (let seq = 4; seq <= 200; seq++) log(logLine(seq, { line: `line ${seq}` }));
  await until(() => run.out().includes("line 200\n"));
  run.interrupt();
  expect(await run.code).toBe(0);
  expect(run.out()).toBe(
    ["line 1", "line 2", "oops", ...Array.from({ length: 197 }, (_, i) => `line ${i + 4}`)]
      .map((line) => `web@server | ${line}\n`)
      .join(""),
  );
  expect(run.err()).toBe("");
  await until(() => followers() === 0);
});

test("logs -f ends with a message and 69 when the daemon goes", async () => {
  const { begin, close, followers, path } = await rig();
  const run = begin(["logs", "-f"]);
  await until(() => followers() === 1);
  await close();
  expect(await run.code).toBe(69);
  expect(run.err()).toMatch(`rind: the daemon at ${path} has closed the connection`);
});

test("logs -f says how many lines are missing, where they are missing", async () => {
  const { begin, log, followers } = await rig();
  const run = begin(["logs", "-f", "-n", "0"]);
  await until(() => followers() === 1);
  log(logLine(90), 12);
  await until(() => run.out() !== "");
  run.interrupt();
  await run.code;
  expect(run.err()).toBe("rind: 12 lines are missing here (they came faster than they were read)\n");
});

test("events shows what happens from now on until it is interrupted", async () => {
  const { begin, event, followers } = await rig();
  const [outside] = FACTS;
  if (outside === undefined) throw new Error("no facts");
  const human = begin(["events"]);
  const json = begin(["events", "--json"]);
  await until(() => followers() === 2);
  event(outside);
  await until(() => human.out() !== "" && json.out() !== "");
  human.interrupt();
  json.interrupt();
  expect([await human.code, await json.code]).toEqual([0, 0]);
  expect(human.out()).toMatch(/^\S.* {2}set net@configured\n$/);
  expect(JSON.parse(json.out())).toEqual(outside);
});

test("Ctrl-C before the daemon has answered ends quietly too", async () => {
  const { begin } = await rig({
    logs: () => {
      run.interrupt();
      return [];
    },
  });
  const run = begin(["logs", "-f"]);
  expect([await run.code, run.out(), run.err()]).toEqual([0, "", ""]);
});
