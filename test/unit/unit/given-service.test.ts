import { parse as parseToml } from "smol-toml";
import { expect, test } from "vitest";
import type { Json } from "../../../src/model/json.ts";
import { readGivenService } from "../../../src/unit/given-service.ts";

async function file(service: Json) {
  const given = await readGivenService(service);
  if (!given.ok) throw new Error(given.message);
  return given;
}

async function mistakes(service: Json) {
  const given = await readGivenService(service);
  return given.ok ? [] : given.mistakes.map(({ field, message }) => `${field}: ${message}`);
}

test("004-C1, 004-C7, 004-C14: a service in zinit's shape becomes a file of zinit's that people can read", async () => {
  const given = await file({
    service: { name: "web", exec: "web -p 80", env: { A: "1" }, dir: null },
    dependencies: { after: ["db"] },
    lifecycle: { restart: "always" },
    metrics: {},
  });
  expect(given).toMatchObject({ name: "web@web", fileName: "web.toml" });
  expect(given.text).toBe(
    '[service]\nname = "web"\nexec = "web -p 80"\n\n[service.env]\nA = "1"\n\n[dependencies]\nafter = [ "db" ]\n\n[lifecycle]\nrestart = "always"\n',
  );
});

test("004-C1: zinit's fields may stand in one table", async () => {
  const given = await file({
    name: "web",
    exec: "web",
    oneshot: true,
    after: ["db"],
    restart: "never",
    health: { type: "tcp", target: "h:1" },
  });
  expect(parseToml(given.text)).toEqual({
    service: { name: "web", exec: "web", oneshot: true },
    dependencies: { after: ["db"] },
    lifecycle: { restart: "never" },
    health: { type: "tcp", target: "h:1" },
  });
});

test("a service in Rind's own shape becomes a unit file, under its group or its own name", async () => {
  expect(await file({ name: "web", run: "web -p 80", after: ["db"], ready: { tcp: "h:1" } })).toMatchObject({
    name: "web@web",
    fileName: "web.toml",
    text: '[[service]]\nname = "web"\nrun = "web -p 80"\nafter = [ "db" ]\n\n[service.ready]\ntcp = "h:1"\n',
  });
  expect(await file({ name: "servers@web", run: "web", "stop-timeout": null })).toMatchObject({
    name: "servers@web",
    fileName: "servers@web.toml",
    text: '[[service]]\nname = "web"\nrun = "web"\n',
  });
  expect(await file({ service: { name: "web", run: "web" } })).toMatchObject({ name: "web@web" });
});

test.each(["../evil", "a/b", "a@b@c", "..", ".hidden", "", "a b", "a\\b", "a@", "@a", "x".repeat(129)])(
  "N121: the name %j is refused",
  async (name) => {
    expect(await readGivenService({ name, run: "x" })).toMatchObject({ ok: false, check: "fields" });
    expect(await readGivenService({ service: { name, exec: "x" } })).toMatchObject({ ok: false, check: "fields" });
  },
);

test("N121: a.b is a name", async () => {
  expect((await file({ name: "a.b", run: "x" })).fileName).toBe("a.b.toml");
  expect((await file({ service: { name: "a.b", exec: "x" } })).fileName).toBe("a.b.toml");
});

test("004-V2: a missing name and a missing program are told together", async () => {
  expect(await mistakes({})).toEqual([': "name" is missing', ': "run" is missing']);
  expect(await mistakes({ service: {} })).toEqual(['service: "exec" is missing', 'service: "name" is missing']);
});

test("every wrong field is told", async () => {
  expect(await mistakes({ name: "x", run: 5, strat_on: [], ready: { tcp: "h" }, stop_timeout: "5x" })).toEqual([
    'run: "run" must be a command, a list of words or a table such as { exec = "/usr/bin/api" }, not 5',
    'ready.tcp: "ready.tcp" must be HOST:PORT such as "localhost:5432", not "h"',
    'stop-timeout: "stop-timeout" must be a duration such as "250ms", "10s", "1h30m" or a number of seconds, not "5x"',
    'strat-on: unknown key "strat-on"',
  ]);
  expect(await mistakes({ service: { name: "x", exec: "x", oneshot: 1 }, lifecycle: { stop_signal: "SIGNOPE" } })).toEqual([
    'service.oneshot: "service.oneshot" must be true or false, not 1',
    'lifecycle.stop_signal: "lifecycle.stop_signal" must be a signal such as "SIGTERM", "TERM" or 15, not "SIGNOPE"',
  ]);
});

test("004-H10: a health check that lacks a field is left out of the file", async () => {
  expect((await file({ service: { name: "x", exec: "x" }, health: { type: "http" } })).text).toBe('[service]\nname = "x"\nexec = "x"\n');
});

test.each([null, 5, "x", []])("%j is no service", async (service) => {
  expect(await readGivenService(service)).toMatchObject({ ok: false, check: "parse" });
});
