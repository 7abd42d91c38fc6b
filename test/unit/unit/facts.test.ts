import { expect, test } from "vitest";
import { serviceOf, signalOf, stateOf, told, unitsOf } from "../../support/units/load.ts";

test("a state with nothing but a name is json, kept on disk", async () => {
  expect(await stateOf('\n[[state]]\nname = "a"\n', "g@a")).toEqual({
    name: "g@a",
    payload: "json",
    branch: [],
    after: [],
    activateOnNone: [],
    stopOn: [],
    autoPayload: undefined,
    persist: "disk",
    subscribers: [],
    permissions: [],
    implied: false,
    origin: { file: "g.toml", line: 2 },
  });
});

test("49: branch maps fields of the source to fields of the state", async () => {
  expect((await stateOf('[[state]]\nname = "a"\nbranch = ["tty:seat", "uid"]\n', "g@a")).branch).toEqual([
    { target: "tty", source: "seat" },
    { target: "uid", source: "uid" },
  ]);
  expect(await told('[[state]]\nname = "a"\nbranch = ["x:y", "x"]\n')).toEqual(['g.toml:3:18: the field "x" is given twice']);
  expect(await told('[[state]]\nname = "a"\nbranch = ["x:"]\n')).toEqual([
    'g.toml:3:11: "branch[0]" must be the name of a field, or "target:source", not "x:"',
  ]);
});

test.each([
  ["persist = true", "disk"],
  ["persist = false", "memory"],
  ["persist = 'boot'", "boot"],
])("a state with %s is kept on/in %s", async (line, persist) => {
  expect((await stateOf(`[[state]]\nname = "a"\n${line}\n`, "g@a")).persist).toBe(persist);
});

test("101: a state whose name begins with _ is kept in memory, also an implied one", async () => {
  expect((await stateOf('[[state]]\nname = "_tmp"\n', "g@_tmp")).persist).toBe("memory");
  expect((await stateOf('[[state]]\nname = "a"\nafter = ["_b"]\n', "g@_b")).persist).toBe("memory");
});

test("61: auto-payload takes a key, a list of keys or the root", async () => {
  const insertOf = async (insert: string) =>
    (await stateOf(`[[state]]\nname = "a"\nauto-payload = { eval = "bin/e", args = ["x"]${insert} }\n`, "g@a")).autoPayload;
  expect(await insertOf("")).toEqual({ eval: "/bin/e", args: ["x"], insert: { kind: "root" } });
  expect(await insertOf(", insert = 'root'")).toMatchObject({ insert: { kind: "root" } });
  expect(await insertOf(", insert = 'k'")).toMatchObject({ insert: { kind: "keys", keys: ["k"] } });
  expect(await insertOf(", insert = ['a', 'b']")).toMatchObject({ insert: { kind: "keys", keys: ["a", "b"] } });
});

test("62: activate-on-none takes names and branches", async () => {
  const text =
    '[[state]]\nname = "b"\nbranch = ["tty"]\n[[state]]\nname = "a"\nbranch = ["tty"]\nafter = ["b"]\nactivate-on-none = ["rind@up", { state = "rind@user-session", branch = "tty" }]\n';
  expect((await stateOf(text, "g@a")).activateOnNone).toEqual([
    { state: "rind@up", branch: undefined },
    { state: "rind@user-session", branch: { target: "tty", source: "tty" } },
  ]);
});

test("87: subscribers are the paths of their sockets", async () => {
  const text = '[[signal]]\nname = "a"\nsubscribers = [{ id = "uds", options = ["/run/x.sock", "y.sock"] }]\n';
  expect((await signalOf(text, "g@a")).subscribers).toEqual([
    { path: "/run/x.sock", permissions: [] },
    { path: "/y.sock", permissions: [] },
  ]);
  expect((await signalOf(text, "g@a")).payload).toBe("any");
});

test("11 to 17: a target becomes what the payload must match, and branch is one more", async () => {
  const matchOf = async (keys: string) => (await serviceOf(`start-on = [{ state = "rind@degraded", ${keys} }]`)).startOn[0];
  expect(await matchOf("target = 'ready'")).toMatchObject({ match: [{ kind: "equals", text: "ready" }] });
  expect(await matchOf("target = { contains = 'ell' }")).toMatchObject({ match: [{ kind: "contains", text: "ell" }] });
  expect(await matchOf("target = { as = { a_b = { x = 1 }, l = [{ id = 2 }] } }")).toMatchObject({
    match: [{ kind: "as", value: { a_b: { x: 1 }, l: [{ id: 2 }] } }],
  });
  expect(await matchOf("branch = { binary = true }")).toMatchObject({ match: [{ kind: "binary" }] });
  expect(await matchOf("target = { as = 1, contains = 'x' }, branch = 'y'")).toMatchObject({
    match: [{ kind: "contains" }, { kind: "as" }, { kind: "equals" }],
  });
});

test("conditions nest, and name services with what they must be", async () => {
  const text =
    'run = "/bin/x"\nstart-on = [{ any = ["rind@up", { all = [{ service = "t", is = "failed" }, { not = { service = "t/KEY/x" } }] }] }]';
  const other = '\n[[service]]\nname = "t"\nrun = "x"\n';
  expect((await serviceOf(text + other)).startOn).toEqual([
    {
      kind: "any",
      of: [
        { kind: "state", name: "rind@up", match: [] },
        {
          kind: "all",
          of: [
            { kind: "service", name: "g@t", key: undefined, is: "failed" },
            { kind: "not", of: { kind: "service", name: "g@t", key: "KEY/x", is: "ready" } },
          ],
        },
      ],
    },
  ]);
});

test("a variable has a default and an environment variable", async () => {
  expect((await unitsOf('[[variable]]\nname = "v"\ndefault = { a_b = [1, "x"] }\nenv = "V"\n')).variables).toEqual([
    { name: "g@v", default: { a_b: [1, "x"] }, env: "V" },
  ]);
});

test("settings give an environment and a timeout", async () => {
  expect((await unitsOf("[settings]\nenv = { A = 1 }\nshutdown-timeout = '2m'\n")).settings).toEqual({
    env: { A: "1" },
    shutdownTimeoutMs: 120_000,
  });
  expect((await unitsOf("")).settings).toEqual({ env: {}, shutdownTimeoutMs: 30_000 });
});
