import { expect, test } from "vitest";
import { service, told } from "../../support/units/load.ts";

test.each([
  ["listen", "[{}]"],
  ["idle-stop", '"5s"'],
  ["accept", "true"],
  ["files", "{}"],
  ["ports", "{}"],
  ["watch", "{}"],
  ["pid-file", '"x"'],
])("%s = %s on a service is not supported yet", async (key, value) => {
  expect(await told(service(`${key} = ${value}`))).toEqual([`g.toml:4:1: "${key}" is not supported yet`]);
});

test.each([
  ["type = 'forking'", '4:8: "forking" is not supported yet'],
  ["transport = { id = 'stdio' }", '4:20: "stdio" is not supported yet'],
  ["transport = [{ id = 'uds' }]", '4:21: "uds" is not supported yet'],
  ["on-start = [{ timer = 't' }]", '4:15: "timer" is not supported yet'],
  ["on-start = [{ socket = 't', stop = true }]", '4:15: "socket" is not supported yet'],
  ["run = 'x ${port:http}'", '3:7: "${port:http}" is not supported yet'],
])("%s is not supported yet", async (line, message) => {
  expect(await told(service(line))).toContain(`g.toml:${message}`);
});

test.each(["timer", "socket"])("[[%s]] is not supported yet", async (section) => {
  expect(await told(`[[${section}]]\nname = "x"\n`)).toEqual([`g.toml:1:3: [[${section}]] is not supported yet`]);
});

test("an empty list means that the key was not given, also where it is not supported yet", async () => {
  expect(await told(service("listen = []"))).toEqual([]);
});
