import { expect, test } from "vitest";
import { service, told } from "../../support/units/load.ts";

test.each([
  ["before", '["x"]'],
  ["requires", '["x"]'],
  ["requires", '"x"'],
  ["wants", '["x"]'],
  ["conflicts", '["x"]'],
  ["ready", "{ tcp = 'x:1' }"],
  ["health", "{}"],
  ["watchdog", "{}"],
  ["stop-command", '"x"'],
  ["space", '"user"'],
  ["user-source", "{}"],
  ["listen", "[{}]"],
  ["idle-stop", '"5s"'],
  ["accept", "true"],
  ["files", "{}"],
  ["ports", "{}"],
  ["watch", "{}"],
  ["pid-file", '"x"'],
  ["critical", "true"],
  ["managed-by", '["x"]'],
])("%s = %s on a service is not supported yet", async (key, value) => {
  expect(await told(service(`${key} = ${value}`))).toEqual([`g.toml:4:1: "${key}" is not supported yet`]);
});

test.each(["user", "group", "umask", "nice", "oom-score-adj", "rlimits", "tty"])("run.%s is not supported yet", async (key) => {
  expect(await told(service(`run = { exec = "x", ${key} = 1 }`))).toEqual([`g.toml:3:21: "${key}" is not supported yet`]);
});

test.each([
  ["restart = { jitter = 1 }", '4:13: "jitter" is not supported yet'],
  ["restart = { window = '1s' }", '4:13: "window" is not supported yet'],
  ["log = { file = 'x' }", '4:9: "file" is not supported yet'],
  ["log = { max-size = 0 }", '4:9: "max-size" is not supported yet'],
  ["log = { keep = 1 }", '4:9: "keep" is not supported yet'],
  ["type = 'notify'", '4:8: "notify" is not supported yet'],
  ["type = 'forking'", '4:8: "forking" is not supported yet'],
  ["transport = { id = 'stdio' }", '4:20: "stdio" is not supported yet'],
  ["transport = [{ id = 'uds' }]", '4:21: "uds" is not supported yet'],
  ["start-timeout = '5s'", '4:17: "start-timeout" is not supported yet on a service that is not of type "oneshot"'],
  ["on-start = [{ timer = 't' }]", '4:15: "timer" is not supported yet'],
  ["on-start = [{ socket = 't', stop = true }]", '4:15: "socket" is not supported yet'],
  ["after = [{ service = 's', on-loss = 'stop' }]", '4:27: "on-loss" is not supported yet'],
  ["run = 'x ${port:http}'", '3:7: "${port:http}" is not supported yet'],
])("%s is not supported yet", async (line, message) => {
  expect(await told(service(line))).toContain(`g.toml:${message}`);
});

test("an order with a suffix is not supported yet, and a service of that name is no suffix", async () => {
  const db = '[[service]]\nname = "db"\nrun = "x"\n';
  expect(await told(db + service("after = ['db@ready', 'g@db']"))).toEqual([
    'g.toml:7:10: "@ready" is not supported yet (write { service = "db", is = "..." })',
  ]);
  expect(await told({ "g.toml": service("after = ['db@ready']"), "db.toml": '[[service]]\nname = "ready"\nrun = "x"\n' })).toEqual([]);
});

test.each(["timer", "socket", "mount", "network", "permission"])("[[%s]] is not supported yet", async (section) => {
  expect(await told(`[[${section}]]\nname = "x"\n`)).toEqual([`g.toml:1:3: [[${section}]] is not supported yet`]);
});

test("settings and permissions of later are not supported yet", async () => {
  expect(await told("[settings]\nstartup = {}\nlogging = {}\non-empty = 'exit'\npath = '/bin'\n")).toEqual([
    'g.toml:2:1: "startup" is not supported yet',
    'g.toml:3:1: "logging" is not supported yet',
    'g.toml:4:1: "on-empty" is not supported yet',
    'g.toml:5:1: "path" is not supported yet',
  ]);
  expect(
    await told('[[state]]\nname = "x"\npermissions = ["p"]\nsubscribers = [{ id = "uds", options = ["/s"], permissions = [7] }]\n'),
  ).toEqual(['g.toml:3:1: "permissions" is not supported yet', 'g.toml:4:48: "permissions" is not supported yet']);
});

test("an empty list means that the key was not given, also where it is not supported yet", async () => {
  expect(await told(service("requires = []\nbefore = []\nlisten = []\nmanaged-by = []"))).toEqual([]);
});
