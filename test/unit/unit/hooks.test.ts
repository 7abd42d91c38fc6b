import { expect, test } from "vitest";
import { service, told, unitsOf } from "../../support/units/load.ts";

const DECLARED = '[[state]]\nname = "a"\n[[signal]]\nname = "x"\n[[service]]\nname = "other"\nrun = "x"\n';

async function hookOf(text: string) {
  return (await unitsOf(DECLARED + service(`on-stop = [${text}]`))).services[1]?.onStop[0];
}

test.each([
  ["{ signal = 'x' }", { kind: "emit", signal: "g@x", payload: { kind: "none" } }],
  ["{ signal = 'x', payload = { a = [1] } }", { kind: "emit", payload: { kind: "value", value: { a: [1] } } }],
  ["{ signal = 'x', payload = { from = 'exit' } }", { kind: "emit", payload: { kind: "exit" } }],
  [
    "{ state = 'a', payload = { from = 'state:a/b' } }",
    { kind: "set", state: "g@a", payload: { kind: "reference", reference: { kind: "state", name: "g@a", path: ["b"] } } },
  ],
  ["{ state = 'a', payload = { from = 'alice' } }", { kind: "set", payload: { kind: "value", value: { from: "alice" } } }],
  ["{ state = 'a', unset = true }", { kind: "unset", state: "g@a", filter: undefined }],
  ["{ state = 'a', unset = true, filter = { id = 1 } }", { kind: "unset", filter: { id: 1 } }],
  ["{ service = 'other', stop = true }", { kind: "service", service: "g@other", action: "stop" }],
  ["{ service = 'other', action = 'restart' }", { kind: "service", action: "restart" }],
  ["{ script = 'echo $1' }", { kind: "command", program: "sh", args: ["-c", "echo $1"] }],
  ["{ exec = 'bin/x', args = ['a'] }", { kind: "command", program: "/bin/x", args: ["a"] }],
  ["{ signal = 'x', when = 'failure' }", { when: "failure" }],
])("94: the trigger %s", async (text, expected) => {
  expect(await hookOf(text)).toMatchObject(expected);
});

test.each(["a@b", "state:a", "var:x", "http://host:80/a?b=c", "from"])("93: the payload %s is delivered as it is", async (text) => {
  expect(await hookOf(`{ signal = 'x', payload = '${text}' }`)).toMatchObject({ payload: { kind: "value", value: text } });
});

test.each([
  ["{ signal = 'x', state = 'a' }", ['11:28: unknown key "state" (known here: signal, payload, when)']],
  ["{ state = 'a', filter = 'x' }", ['11:27: unknown key "filter" (known here: state, payload, when)']],
  ["{ service = 'nope', stop = true }", ['11:24: no service "nope" is declared']],
  ["{ service = 'other', stop = true, action = 'stop' }", ['11:12: only one of "action", "stop" can be given']],
  [
    "{ signal = 'x', payload = nan }",
    ['11:38: "on-stop[0].payload" must be text, a number, true, false, a list or a table (not nan, not inf), not NaN'],
  ],
])("the trigger %s is an error", async (text, messages) => {
  expect(await told(`${DECLARED}${service(`on-stop = [${text}]`)}`)).toEqual(messages.map((each) => `g.toml:${each}`));
});
