import { expect, test } from "vitest";
import { UnitIndex } from "../../../src/supervisor/unit-index.ts";
import { untouchedGuards, withWhatStays } from "../../../src/supervisor/what-stays.ts";
import { parse } from "../../support/units/load.ts";

/** What stays of the first units when the second come, by the bare names of services. */
async function stays(before: string, now: string): Promise<{ readonly decls: readonly string[]; readonly guards: readonly string[] }> {
  const old = await parse({ "a.toml": COMMON, "b.toml": before });
  const next = await parse({ "a.toml": COMMON, "b.toml": now });
  if (old.units === undefined || next.units === undefined || old.program === undefined || next.program === undefined)
    throw new Error("bad units");
  const first = new UnitIndex(old.units, old.program);
  const second = new UnitIndex(withWhatStays(old.units, next.units), next.program);
  const isUntouched = untouchedGuards(first, second);
  const services = [...second.services.values()];
  const bare = (all: typeof services): string[] => all.map(({ name }) => name.slice(2));
  return { decls: bare(services.filter((decl) => first.services.get(decl.name) === decl)), guards: bare(services.filter(isUntouched)) };
}

const COMMON = `
[[signal]]
name = "go"
[[state]]
name = "on"
[[service]]
name = "plain"
run = "x"
start-on = ["go", { state = "on", target = "x" }]
stop-on = [{ not = "on" }]
[[service]]
name = "orders"
run = "x"
after = ["plain"]
[[service]]
name = "asks"
run = "x"
start-on = [{ service = "plain", is = "ready" }]
[[service]]
name = "follows"
run = "x"
restart-on = ["on"]
[[service]]
name = "branches"
run = "x"
branching = { source-state = "on" }
[[service]]
name = "looks"
run = "x"
start-on = ["late"]
`;
const ALL = ["asks", "branches", "follows", "looks", "orders", "plain"];

test("what is the same in other units is the same object, and of a new service only that is new", async () => {
  const late = '[[state]]\nname = "late"\n';
  const more = '[[service]]\nname = "more"\nrun = "y"\n';
  expect(await stays(late, late + more)).toEqual({ decls: ALL, guards: ["looks", "plain"] });
});

test("a service that changes, or moves, is made anew", async () => {
  const late = '[[state]]\nname = "late"\n';
  const more = '[[service]]\nname = "more"\nrun = "y"\n';
  expect((await stays(late + more, late + more.replace("y", "z"))).decls).toEqual(ALL);
  expect((await stays(late + more, `${late}\n${more}`)).decls).toEqual(ALL);
});

test("a guard is made anew where a state that it listens to is told apart otherwise", async () => {
  const late = '[[state]]\nname = "late"\n';
  const guards = (now: string) => stays(late, now).then((both) => both.guards);
  expect(await guards(late)).toEqual(["looks", "plain"]);
  expect(await guards(`${late}branch = ["k"]\n`)).toEqual(["plain"]);
  expect(await guards(`${late}payload = "string"\n`)).toEqual(["plain"]);
});

test("where services conflict every guard is made anew", async () => {
  const late = '[[state]]\nname = "late"\n';
  const rival = '[[service]]\nname = "rival"\nrun = "y"\nconflicts = ["plain"]\n';
  expect((await stays(late, late + rival)).guards).toEqual([]);
  expect((await stays(late + rival, late)).guards).toEqual([]);
});
