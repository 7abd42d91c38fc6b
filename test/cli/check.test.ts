import { expect, test } from "vitest";
import { IS_ROOT } from "../support/is-root.ts";
import { project, rindAsNobody } from "./daemon-rig.ts";

test("rind check tells every mistake of every file, word by word with file, line and column", async () => {
  const p = project({
    "flows/a.toml": `[[state]]
name = "up"
[[service]]
name = "web"
run = "sleep 1"
afterr = ["b@db"]
[[service]]
name = "never"
run = "sleep 1"
start-on = ["up", { not = "up" }]
`,
    "flows/b.toml": `[[service]]
name = "db"
run = "sleep 1"
after = ["a@web"]
[[service]]
name = "db"
run = "sleep 1"
[[service]]
name = "x"
run = "sleep 1"
after = ["y"]
[[service]]
name = "y"
run = "sleep 1"
after = ["x", "nothing"]
start-on = ["a@upp"]
`,
    "flows/c.toml": "[[service]]\nname = \n",
  });
  const { code, out, err } = await p.rind("check");
  expect(code).toBe(78);
  const told = `${out}${err}`.trim().split("\n");
  expect(told).toMatchInlineSnapshot(`
    [
      "error: flows/a.toml:6:1: unknown key "afterr" (did you mean "after"?)",
      "error: flows/a.toml:10:12: this can never hold: it asks for a@up and for its opposite (leave out one of the two)",
      "error: flows/b.toml:6:8: service "b@db" is declared twice (first in flows/b.toml:1)",
      "error: flows/b.toml:11:10: a cycle through after: b@x -> b@y -> b@x (none of them could ever start)",
      "warning: flows/b.toml:16:13: state "a@upp" is declared nowhere, so it is implied (did you mean "a@up"?)",
      "error: flows/c.toml:2:8: this is no TOML: invalid value (text goes in quotes)",
      "5 errors, 1 warning",
    ]
  `);
});

test.skipIf(!IS_ROOT)("a unit file that may not be read is told as such", async () => {
  const p = project({ "flows/g.toml": '[[state]]\nname = "x"\n' });
  p.write("flows/secret.toml", "", 0o600);
  const { code, out, err } = await rindAsNobody(p, "check");
  expect([code, `${out}${err}`]).toEqual([
    78,
    expect.stringContaining("flows/secret.toml:1:1: this file cannot be read: permission denied"),
  ]);
});

test("a units folder that does not exist is told as such", async () => {
  const p = project({ "flows/g.toml": "" });
  const { code, out, err } = await p.rind("check", "nowhere");
  expect([code, `${out}${err}`]).toEqual([
    78,
    expect.stringContaining("nowhere:1:1: this folder does not exist (create it, or name another)"),
  ]);
});

test("units without a mistake pass, and say so", async () => {
  const p = project({ "flows/g.toml": '[[state]]\nname = "x"\n' });
  expect((await p.rind("check")).code).toBe(0);
  expect(await p.json("check")).toEqual({ errors: [], warnings: [] });
});
