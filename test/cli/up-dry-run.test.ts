import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { project } from "./daemon-rig.ts";

const UNITS = {
  "flows/g.toml": `[settings]
restart = { delay = "10ms" }

[[service]]
name = "a"
run.shell = "touch started"
run.env = { "A.B" = 1 }
requires = ["b"]

[[service]]
name = "b"
run = "sleep 600"

[[service]]
name = "c"
run = "sleep 600"
`,
  "flows/g.d/10.toml": '[[service]]\nname = "a"\nstop-timeout = "3s"\n',
};

test("up --dry-run prints the merged units with all defaults and the place of each value, and starts and writes nothing", async () => {
  const p = project(UNITS);
  const { code, out, err } = await p.rind("up", "--dry-run");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain("[[service]] # g@a, flows/g.toml:4\n");
  const line = (key: string): string => new RegExp(`^${key} = .*$`, "m").exec(out)?.[0].replace(/ {2,}/, "  ") ?? "";
  expect(line("run.args")).toBe('run.args = ["-c", "touch started", "sh"]  # flows/g.toml:6');
  expect(line('run.env."A.B"')).toBe('run.env."A.B" = "1"  # flows/g.toml:7');
  expect(line("stop-timeout-ms")).toBe("stop-timeout-ms = 3000  # flows/g.d/10.toml:3");
  expect(line("restart.delay-ms")).toBe("restart.delay-ms = 10  # flows/g.toml:2 [settings]");
  expect(line("restart.backoff")).toBe("restart.backoff = 2  # default");
  expect(existsSync(join(p.folder, "started"))).toBe(false);
  expect(readdirSync(p.folder)).toEqual(["flows"]);
});

test("up --dry-run --json has the same as json; with services only these and what they pull in", async () => {
  const p = project(UNITS);
  const { items } = (await p.json("up", "--dry-run", "a")) as {
    items: { name: string; keys: { path: string[]; value: unknown; source: unknown }[] }[];
  };
  expect(items.map(({ name }) => name)).toEqual(["g@a", "g@b"]);
  expect(items[0]?.keys).toContainEqual({
    path: ["stop-timeout-ms"],
    value: 3_000,
    source: { kind: "unit", file: "flows/g.d/10.toml", line: 3 },
  });
});

test("up --dry-run of units with errors prints them and ends with 78; --json without it is a mistake in the words", async () => {
  const p = project({ "flows/g.toml": "[[service]]\n" });
  const { code, out, err } = await p.rind("up", "--dry-run");
  expect([code, out]).toEqual([78, ""]);
  expect(err).toContain("g.toml:1:");
  expect((await p.rind("up", "--json")).code).toBe(64);
});
