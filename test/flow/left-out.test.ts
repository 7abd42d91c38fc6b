import { expect, test } from "vitest";
import { parseUnits } from "../../src/unit/load.ts";
import { rig } from "../support/rig.ts";

const text = (bad: string) => `
[[service]]
name = "bad"
run = "bad"
${bad}
[[service]]
name = "web"
run = "web"
requires = ["bad"]
[[service]]
name = "after"
run = "after"
after = ["bad"]
wants = ["bad"]
[[service]]
name = "told"
run = "told"
start-on = [{ service = "bad", is = "failed" }]
`;

const unitsOf = async (bad: string) => {
  const { units } = await parseUnits(new Map([["g.toml", text(bad)]]), { leaveOut: true });
  if (units === undefined) throw new Error("there is always a unit set");
  return units;
};

test("what requires a service that was left out waits and says why, and what only comes after it runs", async () => {
  const r = rig(await unitsOf("nope = 1"), { lacksServices: true });
  r.rest();
  expect(r.up()).toEqual(["g@after"]);
  expect(r.phase("g@web")).toBe("blocked");
  expect(r.phase("g@told")).toBe("inactive");
  expect(r.api.status("g@web")).toMatchObject({ waiting: ["requires: g@bad is not ready (left out: see rind@degraded)"] });
  expect(r.api.why("g@web").summary).toContain("left out: see rind@degraded");
});

test("once the units are right, what waited for the one that was left out starts", async () => {
  const r = rig(await unitsOf("nope = 1"), { lacksServices: true });
  r.rest();
  await r.reload(await unitsOf(""));
  r.rest();
  expect(r.up()).toEqual(["g@after", "g@bad", "g@web"]);
});
