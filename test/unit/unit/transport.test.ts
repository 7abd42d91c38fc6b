import { expect, test } from "vitest";
import { service, told, unitsOf } from "../../support/units/load.ts";

const DECLARED = '[[state]]\nname = "a"\n[[variable]]\nname = "level"\n';

async function optionOf(id: "env" | "args", option: string) {
  const { services } = await unitsOf(DECLARED + service(`transport = { id = "${id}", options = [${JSON.stringify(option)}] }`));
  return services[0]?.transport[0]?.options[0];
}

test.each([
  ["78: the whole payload", "K=state:g@a", { kind: "state", name: "g@a", path: [] }],
  ["79: a path with dots and slashes", "K=state:a/b.c/d", { kind: "state", name: "g@a", path: ["b", "c", "d"] }],
  ["81: the own branch", "K=state:$/tty", { kind: "own-branch", path: ["tty"] }],
  ["81: the own branch, whole", "K=state:$", { kind: "own-branch", path: [] }],
  ["the signal that started the run", "K=signal:$/x", { kind: "start-signal", path: ["x"] }],
  ["83: a variable", "K=var:level", { kind: "variable", name: "g@level" }],
  ["a default", "K=state:a/b|none at all", { kind: "state", path: ["b"], fallback: "none at all" }],
  ["an empty default", "K=var:level|", { kind: "variable", fallback: "" }],
  ["plain text", "K=a=b|c", { kind: "literal", text: "a=b|c" }],
  ["text that only begins like a signal", "K=signal:x", { kind: "literal", text: "signal:x" }],
  ["nothing", "K=", { kind: "literal", text: "" }],
])("env takes %s", async (_, option, value) => {
  expect(await optionOf("env", option)).toMatchObject({ prefix: "K", value });
});

test.each([
  ["state:a/b", "", { kind: "state", name: "g@a", path: ["b"] }],
  ["--up=state:a", "--up=", { kind: "state", name: "g@a" }],
  ["--a=b=state:a", "", { kind: "literal", text: "--a=b=state:a" }],
  ["--plain", "", { kind: "literal", text: "--plain" }],
  ["state:a|x=y", "", { kind: "state", name: "g@a", fallback: "x=y" }],
])("args takes %s", async (option, prefix, value) => {
  expect(await optionOf("args", option)).toMatchObject({ prefix, value });
});

test("84: state:A@B is path B of state A where no state A@B is declared", async () => {
  const text = service(
    'transport = { id = "env", options = ["DB_URL=state:db-config@connection-string", "H=state:db-config@at.host/name"] }',
  );
  const { services, states } = await unitsOf(text);
  expect(services[0]?.transport[0]?.options.map(({ value }) => value)).toMatchObject([
    { kind: "state", name: "g@db-config", path: ["connection-string"] },
    { kind: "state", name: "g@db-config", path: ["at", "host", "name"] },
  ]);
  expect(states).toMatchObject([{ name: "g@db-config", implied: true }]);
});

test("state:A@B is the state A@B where one is declared, or used so elsewhere", async () => {
  const use = service('transport = { id = "env", options = ["K=state:net@up"] }');
  const valueOf = async (texts: Record<string, string>) => (await unitsOf(texts)).services[0]?.transport[0]?.options[0]?.value;
  expect(await valueOf({ "g.toml": use, "net.toml": '[[state]]\nname = "up"\n' })).toMatchObject({ name: "net@up", path: [] });
  expect(await valueOf({ "g.toml": use, "h.toml": '[[state]]\nname = "x"\nafter = ["net@up"]\n' })).toMatchObject({
    name: "net@up",
    path: [],
  });
  expect(await valueOf({ "g.toml": use, "h.toml": '[[state]]\nname = "net"\n' })).toMatchObject({ name: "h@net", path: ["up"] });
});

test("a list of transports, and one that is required", async () => {
  const lines = 'transport = [{ id = "env", options = ["A=1"], required = true }, { id = "args" }]';
  expect((await unitsOf(service(lines))).services[0]?.transport).toMatchObject([
    { id: "env", required: true, options: [{}] },
    { id: "args", required: false, options: [] },
  ]);
});

test.each([
  ["K", '4:39: "K" sets no environment variable (write KEY=reference)'],
  ["=x", '4:39: "=x" sets no environment variable (write KEY=reference)'],
  ["K=var:nope", '4:39: no variable "nope" is declared'],
  ["K=state:", '4:39: "state:" names no state (write state:NAME or state:NAME/field)'],
  ["K=state:a b", '4:39: "state:a b" names no state (write state:NAME or state:NAME/field)'],
  ["K=state:a//b", '4:39: the path in "state:a//b" has an empty step (write state:NAME/field/field)'],
])("the option %s is an error", async (option, message) => {
  expect(await told(service(`transport = { id = "env", options = [ "${option}"] }`))).toEqual([`g.toml:${message}`]);
});

test("a name that turns out to be a state implies no other", async () => {
  const later = '[[service]]\nname = "t"\nrun = "x"\nstart-on = ["net@up"]\n';
  const { states } = await unitsOf(service('transport = { id = "env", options = ["K=state:net@up"] }') + later);
  expect(states.map(({ name }) => name)).toEqual(["net@up"]);
});
