import { expect, test } from "vitest";
import type { ImportDecl } from "../../../src/model/unit-set.ts";
import { service, serviceOf, signalOf, stateOf, told, unitsOf } from "../../support/units/load.ts";

const state = (name: string) => `[[state]]\nname = "${name}"\n`;

test("a bare name is first looked for in the same file, then anywhere", async () => {
  const { services } = await unitsOf({
    "g.toml": `${state("here")}${service('start-on = ["here", "there"]')}`,
    "h.toml": state("here") + state("there"),
  });
  expect(services[0]?.startOn.map((each) => "name" in each && each.name)).toEqual(["g@here", "h@there"]);
});

test("a bare name that several other files declare is an error that lists them", async () => {
  const texts = { "g.toml": service('start-on = ["x"]'), "h.toml": state("x"), "i.toml": '[[signal]]\nname = "x"\n' };
  expect(await told(texts)).toEqual(['g.toml:4:13: "x" can mean "h@x" or "i@x" (write the full name)']);
});

test("a built-in name yields to a declared one, and is found by its bare name otherwise", async () => {
  expect((await serviceOf('start-on = ["user-login"]')).startOn).toEqual([{ kind: "state", name: "rind@user-login", match: [] }]);
  const { services } = await unitsOf({ "g.toml": service('start-on = ["user-login"]'), "h.toml": state("user-login") });
  expect(services[0]?.startOn).toEqual([{ kind: "state", name: "h@user-login", match: [] }]);
});

test("a built-in name cannot be declared", async () => {
  expect(await told({ "rind.toml": state("up") })).toEqual(['rind.toml:2:8: "rind@up" is built in (choose another name)']);
});

test("the same item twice is an error that names the first", async () => {
  expect(await told(state("x") + state("x"))).toEqual(['g.toml:4:8: state "g@x" is declared twice (first in g.toml:1)']);
});

test("a state and a signal of one name are an error that names the first", async () => {
  expect(await told(`${state("x")}[[signal]]\nname = "x"\n`)).toEqual([
    'g.toml:4:8: "g@x" is a state already, and states and signals share their names (first in g.toml:1)',
  ]);
});

test("a state and a service may bear the same name", async () => {
  expect(await told(`${state("s")}${service('start-on = ["s"]')}`)).toEqual([]);
});

test("a state that is used but declared nowhere is implied, with a warning that names the closest", async () => {
  const text = `${state("configured")}${service('start-on = ["g@configurd"]')}`;
  expect(await told(text)).toEqual([
    'warning g.toml:6:13: state "g@configurd" is declared nowhere, so it is implied (did you mean "g@configured"?)',
  ]);
  expect(await stateOf(text, "g@configurd")).toMatchObject({ payload: "any", implied: true, branch: [], persist: "disk" });
});

test("an implied name is warned of once, where it is first used", async () => {
  expect(await told(service('start-on = ["x"]\nstop-on = ["x"]'))).toEqual([
    'warning g.toml:4:13: state "g@x" is declared nowhere, so it is implied (declare it with [[state]])',
  ]);
});

test("what some key calls a signal is implied as a signal for bare names too, whatever the order", async () => {
  const text = service('start-on = ["done"]\non-stop = [{ signal = "done" }]');
  expect(await signalOf(text, "g@done")).toMatchObject({ payload: "any", implied: true });
  expect((await serviceOf('start-on = ["done"]\non-stop = [{ signal = "done" }]')).startOn).toEqual([
    { kind: "signal", name: "g@done", match: [] },
  ]);
});

test("an undeclared name cannot be both a state and a signal", async () => {
  expect(await told(service('start-on = [{ state = "x" }]\non-stop = [{ signal = "x" }]'))).toEqual([
    'g.toml:4:23: "g@x" is declared nowhere, and used as a state here and as a signal elsewhere (declare it)',
    'warning g.toml:5:23: signal "g@x" is declared nowhere, so it is implied (declare it with [[signal]])',
  ]);
});

test("a declared signal where a state is asked for is an error", async () => {
  expect(await told(`[[signal]]\nname = "x"\n${service('start-on = [{ state = "x" }]')}`)).toEqual([
    'g.toml:6:23: "x" is a signal, and this place takes a state',
  ]);
});

test("an undeclared source state is json with one branch per key", async () => {
  const lines = 'branching = { source-state = "users", key = "username" }';
  expect(await stateOf(service(lines), "g@users")).toMatchObject({ payload: "json", branch: [{ target: "username", source: "username" }] });
  expect((await serviceOf(lines)).branching).toMatchObject({
    sourceState: "g@users",
    key: "username",
    maxInstances: Number.POSITIVE_INFINITY,
  });
});

test("two services that branch on different fields of an undeclared state are an error", async () => {
  const text = ["a", "b"]
    .map((key) => `[[service]]\nname = "${key}"\nrun = "x"\nbranching = { source-state = "users", key = "${key}" }\n`)
    .join("");
  expect((await told(text)).filter((line) => !line.startsWith("warning"))).toEqual([
    'g.toml:4:30: state "g@users" is declared nowhere, and services branch on its fields "a" and "b" (declare it, with branch = [...])',
    'g.toml:8:30: state "g@users" is declared nowhere, and services branch on its fields "a" and "b" (declare it, with branch = [...])',
  ]);
});

test("an undeclared service is an error that names the closest", async () => {
  expect(await told(`${service('after = ["g@t"]')}[[service]]\nname = "postgres"\nrun = "x"\nafter = ["postgras"]`)).toEqual([
    'g.toml:4:10: no service "g@t" is declared (did you mean "g@s"?)',
    'g.toml:8:10: no service "postgras" is declared (did you mean "g@postgres"?)',
  ]);
});

test("what is switched off is checked, and then left out", async () => {
  const { services, states } = await unitsOf(`${state("x")}enabled = false\n${service("enabled = false")}`);
  expect([services, states]).toEqual([[], []]);
  expect(await told(service("enabled = false\nbound = 1"))).toEqual(['g.toml:5:9: "bound" must be true or false, not 1']);
});

test("what refers to something that is switched off is told so", async () => {
  expect(await told(`${state("x")}enabled = false\n${service('start-on = ["x"]')}`)).toEqual([
    'warning g.toml:7:13: state "g@x" is switched off (enabled = false), so it is implied (declare it with [[state]])',
  ]);
  expect(await told(`${service("enabled = false")}[[service]]\nname = "t"\nrun = "x"\nafter = ["s"]\n`)).toEqual([
    'g.toml:8:10: service "s" never runs: it has enabled = false',
  ]);
});

test("thousands of undeclared names are told in seconds", async () => {
  const text = Array.from(
    { length: 3_000 },
    (_, i) => `[[service]]\nname = "s${i}"\nrun = "x"\nstart-on = ["x${i}"]\nafter = ["y${i}"]\n`,
  ).join("");
  expect(await told(text)).toHaveLength(6_000);
}, 20_000);

const IMPORTS: readonly ImportDecl[] = [
  { kind: "state", name: "net@online", payload: "none", identity: [] },
  { kind: "state", name: "disk@there", payload: "json", identity: ["dev"] },
  { kind: "state", name: "rind@user-login", payload: "json", identity: ["username"] },
  { kind: "signal", name: "net@changed", payload: "any", identity: [] },
];
const imported = { imports: IMPORTS };

test("a name of the system is found in full and bare, and is not implied", async () => {
  const text = service('start-on = ["online", "net@changed", "user-login"]');
  const { services, states, signals } = await unitsOf(text, imported);
  expect(services[0]?.startOn).toEqual([
    { kind: "state", name: "net@online", match: [] },
    { kind: "signal", name: "net@changed", match: [] },
    { kind: "state", name: "rind@user-login", match: [] },
  ]);
  expect([states, signals]).toEqual([[], []]);
  expect(await told(text, imported)).toEqual([]);
});

test("a bare name of the system yields to a declared one, and a built-in one to it", async () => {
  const texts = { "g.toml": service('start-on = ["online", "up"]'), "h.toml": state("online") };
  const { services } = await unitsOf(texts, { imports: [...IMPORTS, { kind: "state", name: "net@up", payload: "none", identity: [] }] });
  expect(services[0]?.startOn.map((each) => "name" in each && each.name)).toEqual(["h@online", "net@up"]);
});

test("a name of the system cannot be declared", async () => {
  const why = "is the system's, which can be read here and not declared (choose another name)";
  const text = `${state("online")}[[signal]]\nname = "changed"\n[[service]]\nname = "online"\nrun = "x"\n`;
  expect(await told({ "net.toml": text }, imported)).toEqual([`net.toml:2:8: "net@online" ${why}`, `net.toml:4:8: "net@changed" ${why}`]);
});

test("a hook that changes what is the system's is an error", async () => {
  const hooks = 'on-start = [{ state = "online" }, { state = "disk@there", unset = true }, { signal = "changed" }, { state = "mine" }]';
  const why = "is the system's, which can be read here and not changed (a state or signal of your own units)";
  expect(await told(state("mine") + service(hooks), imported)).toEqual([
    `g.toml:6:23: "net@online" ${why}`,
    `g.toml:6:45: "disk@there" ${why}`,
    `g.toml:6:86: "net@changed" ${why}`,
  ]);
});

test("a misspelt name of the system is warned of with the right one", async () => {
  expect(await told(service('start-on = ["net@onlin"]'), imported)).toEqual([
    'warning g.toml:4:13: state "net@onlin" is declared nowhere, so it is implied (did you mean "net@online"?)',
  ]);
});
