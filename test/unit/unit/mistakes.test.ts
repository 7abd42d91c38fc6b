import { expect, test } from "vitest";
import { parse, service, told } from "../../support/units/load.ts";

test("104: a text without its end quote is told with what would be right", async () => {
  expect(await told({ "web.toml": '[[service]]\nrun = "sleep 10\nname = "s"\n' })).toEqual([
    "web.toml:2:16: this is no TOML: control characters are not allowed in strings (text ends on its line with the quote that it begins with)",
  ]);
});

test("104: broken TOML is told with file, line and column", async () => {
  expect(await told({ "web.toml": '[[service]]\nname = "web"\nrun = \n' })).toEqual([
    "web.toml:3:7: this is no TOML: invalid value (text goes in quotes)",
  ]);
});

test("a key that is written twice is told where it is written again", async () => {
  expect(await told('[[state]]\nname = "a"\nname = "b"\n')).toEqual([
    "g.toml:3:1: this is no TOML: trying to redefine an already defined table or value (each key and each table is written once; a list of units takes [[double brackets]])",
  ]);
});

test("a misspelt key is told with the key that was probably meant", async () => {
  expect(await told(service('strat-on = ["x"]'))).toEqual(['g.toml:4:1: unknown key "strat-on" (did you mean "start-on"?)']);
});

test("a misspelt key of a small table is told with all its keys", async () => {
  expect(await told(service("log = { rows = 5 }"))).toEqual(['g.toml:4:9: unknown key "rows" (known here: lines, file, max-size, keep)']);
});

test("a misspelt section is told with the one that was probably meant", async () => {
  expect(await told("[[sevice]]\n")).toEqual(['g.toml:1:3: unknown section "sevice" (did you mean "service"?)']);
});

test("a section in single brackets is told how it is written", async () => {
  expect(await told('[service]\nname = "s"\nrun = "x"\n')).toEqual(['g.toml:1:2: "service" must be a list of tables (write [[service]])']);
  expect(await told("[[settings]]\n")).toEqual(['g.toml:1:3: "settings" must be a table (write [settings])']);
  expect(await told("service = [1]\n")).toEqual(['g.toml:1:12: "service[0]" must be a table (write [[service]])']);
});

test("a missing name and a missing run are told at the head of the unit", async () => {
  expect(await told('\n[[service]]\nrun = "x"\n')).toEqual(['g.toml:2:3: "name" is missing (it must be text)']);
  expect(await told('[[service]]\nname = "s"\n')).toEqual(['g.toml:1:3: "run" is missing (write run = "program arguments")']);
});

test("a bad name is told with what a name is", async () => {
  const [one] = await told('[[state]]\nname = "a b"\n');
  expect(one).toBe(
    'g.toml:2:8: "name" must be a name: at most 128 letters, digits, "_", "." and "-", not beginning with "." or "-", not "a b"',
  );
  expect(await told(`[[state]]\nname = "${"x".repeat(129)}"\n`)).toHaveLength(1);
  expect(await told(`[[state]]\nname = "${"x".repeat(128)}"\n`)).toEqual([]);
});

test.each([
  ["bound = 1", '4:9: "bound" must be true or false, not 1'],
  ["start-on = 'x'", '4:12: "start-on" must be a list of conditions, not "x"'],
  ["stop-timeout = true", '4:16: "stop-timeout" must be a duration such as "250ms", "10s", "1h30m" or a number of seconds, not true'],
  ["stop-timeout = '5x'", '4:16: "stop-timeout" must be a duration such as "250ms", "10s", "1h30m" or a number of seconds, not "5x"'],
  ["stop-timeout = '25d'", "4:16: a duration may be 24 days at most"],
  ["stop-signal = 'SIGTREM'", '4:15: "stop-signal" must be a signal such as "SIGTERM", "TERM" or 15, not "SIGTREM"'],
  ["stop-signal = 99", '4:15: "stop-signal" must be a signal such as "SIGTERM", "TERM" or 15, not 99'],
  ["success-exit-codes = [0, 300]", '4:26: "success-exit-codes[1]" must be an exit code from 0 to 255, not 300'],
  [
    "restart = 'on-failur'",
    '4:11: "restart" must be true, false, "always", "on-failure", "never" or a table such as { max-retries = 5 }, not "on-failur"',
  ],
  [
    "restart = { on = 'on-failur' }",
    '4:18: "restart.on" must be "always", "on-failure" or "never", not "on-failur" (did you mean "on-failure"?)',
  ],
  ["restart = { max-retries = -1 }", '4:27: "restart.max-retries" must be a whole number from 0, or "unlimited", not -1'],
  ["restart = { backoff = 0.5 }", '4:23: "restart.backoff" must be a number from 1, not 0.5'],
  ["branching = { key = 'id' }", '4:13: "source-state" is missing (it must be a name)'],
  ["transport = { id = 'evn' }", '4:20: "transport.id" must be "env" or "args", not "evn" (did you mean "env"?)'],
  [
    "on-start = [{}]",
    '4:13: "on-start[0]" must be a trigger: a table with "signal", "state", "service", "script" or "exec", not an empty table',
  ],
  ["on-start = [{ service = 's' }]", '4:13: one of "action", "stop" is missing'],
  ["on-start = [{ script = 'true', when = 'success' }]", '4:32: unknown key "when" (known here: script)'],
  ["log.lines = 0", '4:13: "log.lines" must be a whole number from 1, not 0'],
  ["run = { exec = 'a', shell = 'b' }", '3:7: only one of "exec", "shell", "variable" can be given'],
  ["run = { args = ['a'] }", '3:7: "run" names no program (give "exec", "shell" or "variable")'],
  ['run = "x \'y"', "3:7: a quote or a backslash is left open (close it, or write a list of words)"],
  ["run = '  '", "3:7: the command names no program"],
  ["run = []", '3:7: "run" must be a list with at least the program, not an empty list'],
  ["run = { exec = 'x', env = { A = 1979-05-27 } }", "3:33: no key takes a date (put it in quotes)"],
  ["run = { exec = 'x', env = { 'A=B' = '1' } }", '3:29: the name of an environment variable is not empty and has no "=" in it'],
  ['run = ["x", "a\\u0000b"]', '3:13: "run[1]" must be text without a NUL byte, not "a\\u0000b"'],
  ["reload-on = ['rind@up']", '4:13: "reload-on" needs "run.reload" (say how it reloads, such as run.reload = "SIGHUP")'],
])("%s is an error", async (line, message) => {
  expect(await told(service(line))).toEqual([`g.toml:${message}`]);
});

test("N117: a command without words is an error that points at the field", async () => {
  expect(await told('[[service]]\nname = "s"\nrun = []\n')).toEqual([
    'g.toml:3:7: "run" must be a list with at least the program, not an empty list',
  ]);
});

test("18: a condition that names neither a state nor a signal is an error, and not a crash", async () => {
  const phrase = 'must be a condition: the name of a state or signal, or a table with "state", "signal", "service", "any", "all" or "not"';
  expect(await told(service("start-on = [{ target = 'x' }, 5, {}]"))).toEqual([
    `g.toml:4:13: "start-on[0]" ${phrase}, not a table with "target"`,
    `g.toml:4:31: "start-on[1]" ${phrase}, not 5`,
    `g.toml:4:34: "start-on[2]" ${phrase}, not an empty table`,
  ]);
});

test("mistakes deep inside a condition are told where they are", async () => {
  expect(
    await told(service("start-on = [\n  { any = ['rind@up', { not = { state = 'rind@up', targt = 'x' } }] },\n  { all = [] },\n]")),
  ).toEqual([
    'g.toml:5:52: unknown key "targt" (did you mean "target"?)',
    'g.toml:6:11: "start-on[1].all" must be a list with at least one condition, not an empty list',
  ]);
});

test("all mistakes of all files are told in one go, in the order of files and lines", async () => {
  const files = {
    "a.toml": '[[service]]\nname = "s"\nrun = "x"\nafter = ["nowhere"]\nbound = 1\n',
    "b.toml": "x = \n",
    "c.toml": '[[state]]\nname = "q"\npayload = "jsn"\n',
  };
  expect((await told({ "a.toml": files["a.toml"], "c.toml": files["c.toml"] })).map((line) => line.slice(0, 40))).toEqual([
    'a.toml:4:10: no service "nowhere" is dec',
    'a.toml:5:9: "bound" must be true or fals',
    'c.toml:3:11: "payload" must be "json", "',
  ]);
  expect((await told(files)).map((line) => line.slice(0, 12))).toEqual(["a.toml:5:9: ", "b.toml:1:5: ", "c.toml:3:11:"]);
});

test("what may lie in a file that cannot be parsed is not told to be missing", async () => {
  const texts = { "a.toml": service('start-on = ["b@x"]\nafter = ["b@y", "z"]'), "b.toml": "x = \n" };
  expect(await told(texts)).toEqual(["b.toml:1:5: this is no TOML: invalid value (text goes in quotes)"]);
});

test("an item with a mistake is still there for those who refer to it", async () => {
  expect(await told('[[service]]\nname = "db"\nrun = 5\n[[service]]\nname = "api"\nrun = "x"\nafter = ["db"]\n')).toHaveLength(1);
});

test("warnings are errors in a strict set", async () => {
  const text = service('start-on = ["nowhere"]');
  expect(await told(text)).toEqual([
    'warning g.toml:4:13: state "g@nowhere" is declared nowhere, so it is implied (declare it with [[state]])',
  ]);
  expect(await told(text, { strict: true })).toEqual([
    'g.toml:4:13: state "g@nowhere" is declared nowhere, so it is implied (declare it with [[state]])',
  ]);
});

test("a state that forbids itself through others is told with the whole circle", async () => {
  expect(await told('[[state]]\nname = "a"\nafter = [{ not = "b" }]\n\n[[state]]\nname = "b"\nafter = ["a"]\n')).toEqual([
    "g.toml:3:18: a cycle through a negation: g@a -> g@b -> g@a (g@a would have to be inactive because it is active: take it out of the circle)",
  ]);
});

test("services that wait for each other are told with the whole circle", async () => {
  const text = ["a", "b"].map((name, i) => `[[service]]\nname = "${name}"\nrun = "x"\nafter = ["${i === 0 ? "b" : "a"}"]\n`).join("");
  expect(await told(text)).toEqual(["g.toml:4:10: a cycle through after: g@a -> g@b -> g@a (none of them could ever start)"]);
});

test("what names itself is told", async () => {
  expect(await told('[[state]]\nname = "a"\nafter = ["a"]\n')).toEqual(["g.toml:3:10: g@a names itself (a state cannot depend on itself)"]);
});

test("a start-on that can never hold is told at its place", async () => {
  expect(await told(`[[state]]\nname = "a"\n\n${service('start-on = ["a", { not = "a" }]')}`)).toEqual([
    "g.toml:7:12: this can never hold: it asks for g@a and for its opposite (leave out one of the two)",
  ]);
});

test("two different signals that must hold together are told at their place", async () => {
  expect(await told(`[[signal]]\nname = "a"\n[[signal]]\nname = "b"\n${service('start-on = ["a", "b"]')}`)).toEqual([
    "g.toml:8:18: the signals g@a and g@b never come together (to react to either, put them under `any`)",
  ]);
});

test("a set that is switched off by its mistakes has neither units nor program", async () => {
  expect(await parse("x = \n")).toMatchObject({ units: undefined, program: undefined, project: "/" });
  expect(await parse("")).toMatchObject({ units: { services: [] }, program: expect.anything(), diagnostics: [] });
});
