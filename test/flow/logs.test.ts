import { expect, test } from "vitest";
import { branching, LOG, service, state } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

const ALL = { names: [], lines: undefined, since: undefined, after: undefined };

test("the last log.lines lines of a service are kept, with time, stream and number", () => {
  const r = rig({ services: [service("g@s", { log: { ...LOG, lines: 2 } })] });
  r.launcher.print("g@s", "one\ntwo\nthr");
  r.launcher.print("g@s", "err\n", "stderr");
  r.launcher.print("g@s", "ee\n");
  expect(r.api.logs(ALL)).toEqual([
    { seq: 3, time: "2026-01-01T00:00:00.000Z", service: "g@s", stream: "stderr", line: "err" },
    { seq: 4, time: "2026-01-01T00:00:00.000Z", service: "g@s", stream: "stdout", line: "three" },
  ]);
});

test("bytes that are no UTF-8 survive, beside a text that people can read", () => {
  const r = rig({ services: [service("g@s")] });
  r.launcher.last("g@s").listener.output("stdout", Buffer.from([0x61, 0xff, 0x0a]));
  expect(r.api.logs(ALL)).toMatchObject([{ line: "a\uFFFD", base64: Buffer.from([0x61, 0xff]).toString("base64") }]);
});

test("the output of services is merged in the order in which it was printed, and what came after a number can be asked for", () => {
  const r = rig({ services: [service("g@a"), service("g@b")] });
  r.launcher.print("g@a", "1\n");
  r.launcher.print("g@b", "2\n");
  r.launcher.print("g@a", "3\n");
  expect(r.api.logs(ALL).map(({ service: name, line }) => `${name} ${line}`)).toEqual(["g@a 1", "g@b 2", "g@a 3"]);
  expect(r.api.logs({ ...ALL, after: 1, names: ["g@a"] }).map(({ line }) => line)).toEqual(["3"]);
});

test("of branches that are gone the newest 256 keep what they have printed", async () => {
  const r = rig({
    states: [state("g@who", { branch: [{ target: "id", source: "id" }] })],
    services: [service("g@s", { branching: branching("g@who") })],
  });
  for (let i = 0; i <= 256; i++) {
    await r.set("g@who", { id: String(i) });
    r.launcher.print(`g@s/${i}`, `${i}\n`);
    await r.unset("g@who", { id: String(i) });
    r.rest();
  }
  const printed = r.api.logs({ ...ALL, names: ["g@s"] }).map(({ line }) => line);
  expect([printed.length, printed[0], printed.at(-1)]).toEqual([256, "1", "256"]);
});
