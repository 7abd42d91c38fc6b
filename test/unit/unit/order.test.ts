import { expect, test } from "vitest";
import type { ServiceDecl } from "../../../src/model/unit-set.ts";
import { service, told, unitsOf } from "../../support/units/load.ts";

const others = (...names: string[]) => names.map((name) => `[[service]]\nname = "${name}"\nrun = "x"\nready.tcp = "x:1"\n`).join("");

async function declOf(text: string, name: string): Promise<ServiceDecl | undefined> {
  return (await unitsOf(text)).services.find((each) => each.name === name);
}

test("what a service waits for is a list of services, each ready unless it says otherwise", async () => {
  expect((await declOf(others("db", "mail") + service("after = ['db', { service = 'mail', is = 'succeeded' }]"), "g@s"))?.after).toEqual([
    { service: "g@db", is: "ready" },
    { service: "g@mail", is: "succeeded" },
  ]);
});

test.each([
  ["@started", "started"],
  ["@ready", "ready"],
  ["@completed", "completed"],
  ["@complete", "completed"],
  ["@succeeded", "succeeded"],
])("002-7: a name with %s behind it waits for just that, with and without its group", async (suffix, is) => {
  const decl = await declOf(
    others("db", "mail") + service(`after = ['db${suffix}', 'g@mail${suffix}']\nwants = ['db${suffix}']\nrequires = ['mail${suffix}']`),
    "g@s",
  );
  const db = { service: "g@db", is };
  const mail = { service: "g@mail", is };
  expect(decl).toMatchObject({ after: [db, mail], wants: [db], requires: [{ ...mail, onLoss: "stop" }] });
});

test("a name that looks like one with a suffix is the service of that name where there is one", async () => {
  const texts = { "g.toml": `${others("db")}${service("after = ['db@ready']")}`, "db.toml": others("ready") };
  expect((await unitsOf(texts)).services.find(({ name }) => name === "g@s")?.after).toEqual([{ service: "db@ready", is: "ready" }]);
});

test("N38: three bad suffixes are three clear errors", async () => {
  expect(await told(others("x") + service("after = ['x@invalid', 'x@a@b', '@ready']"))).toEqual([
    'g.toml:8:10: "@invalid" is nothing that a service can be waited for (known here: @started, @ready, @completed, @succeeded)',
    'g.toml:8:23: "@b" is nothing that a service can be waited for (known here: @started, @ready, @completed, @succeeded)',
    'g.toml:8:32: "@ready" names no service (write NAME@ready)',
  ]);
});

test("N37: unknown names in three services are told in one go", async () => {
  const texts = {
    "a.toml": service("after = ['x1']"),
    "b.toml": service("requires = ['x2@started']"),
    "c.toml": service("before = ['x3']"),
  };
  expect(await told(texts)).toEqual([
    'a.toml:4:10: no service "x1" is declared',
    'b.toml:4:13: no service "x2" is declared',
    'c.toml:4:11: no service "x3" is declared',
  ]);
});

test("004-V5: what is wanted or conflicts may be missing, what is required or waited for may not", async () => {
  expect(await declOf(service("wants = ['nowhere', 'no@where']\nconflicts = ['gone']"), "g@s")).toMatchObject({ wants: [], conflicts: [] });
  expect(await told(service("after = ['nowhere']\nrequires = ['gone']"))).toHaveLength(2);
});

test("what is switched off or a template is as good as missing", async () => {
  const absent = '[[service]]\nname = "off"\nrun = "x"\nenabled = false\n[[service]]\nname = "t"\ntemplate = true\n';
  expect(await declOf(absent + service("wants = ['off', 't']\nconflicts = ['off']"), "g@s")).toMatchObject({ wants: [], conflicts: [] });
  expect(await told(absent + service("requires = ['off']"))).toEqual(['g.toml:11:13: service "off" never runs: it has enabled = false']);
});

test("a bare name that can mean two services is an error also where it might be missing", async () => {
  expect(await told({ "a.toml": others("db"), "b.toml": others("db"), "g.toml": service("wants = ['db']") })).toEqual([
    'g.toml:4:10: "db" can mean "a@db" or "b@db" (write the full name)',
  ]);
});

test.each(["after", "before", "requires", "wants", "conflicts"])(
  "N26, 004-V6: a service that names itself in %s is an error",
  async (key) => {
    expect(await told(service(`${key} = ['s']`))).toEqual([
      `g.toml:4:${key.length + 5}: g@s names itself (a service cannot depend on itself)`,
    ]);
  },
);

test("002-4: before is after, written at the other end", async () => {
  const text = others("db", "mail") + service("before = ['db', { service = 'mail', is = 'started' }]");
  expect((await declOf(text, "g@db"))?.after).toEqual([{ service: "g@s", is: "ready" }]);
  expect((await declOf(text, "g@mail"))?.after).toEqual([{ service: "g@s", is: "started" }]);
});

test("an edge that is written at both ends is one", async () => {
  const text = `[[service]]\nname = "db"\nrun = "x"\nafter = ["s"]\n${service("before = ['db', 'db']")}`;
  expect((await declOf(text, "g@db"))?.after).toEqual([{ service: "g@s", is: "ready" }]);
});

test("what is required says what follows from its loss", async () => {
  const text =
    others("a", "b", "c") + service("requires = ['a', { service = 'b', on-loss = 'restart' }, { service = 'c', on_loss = 'ignore' }]");
  expect((await declOf(text, "g@s"))?.requires.map(({ onLoss }) => onLoss)).toEqual(["stop", "restart", "ignore"]);
});

test("what is said in vain is told", async () => {
  expect(await told(others("a", "b") + service("after = [{ service = 'a', on-loss = 'stop' }]\nconflicts = ['b@started']"))).toEqual([
    'warning g.toml:12:37: "on-loss" means nothing in "after": only what is required can be lost',
    "warning g.toml:13:14: services that conflict never run together, whatever they are",
  ]);
});

test.each([
  ["after = ['b']", "requires = ['a']", "g.toml:4:10: a cycle through after and requires: g@a -> g@b -> g@a"],
  ["requires = ['b']", "requires = ['a']", "g.toml:4:13: a cycle through requires: g@a -> g@b -> g@a"],
  ["before = ['b']", "before = ['a']", "g.toml:8:11: a cycle through after: g@a -> g@b -> g@a"],
  ["after = ['b']", "before = ['b2']\nafter = ['a']", "g.toml:4:10: a cycle through after: g@a -> g@b -> g@a"],
])("004-V4: %s against %s is a cycle that is named in full, where it is written", async (a, b, message) => {
  const text = `[[service]]\nname = "a"\nrun = "x"\n${a}\n[[service]]\nname = "b"\nrun = "x"\n${b}\n[[service]]\nname = "b2"\nrun = "x"\n`;
  expect(await told(text)).toEqual([`${message} (none of them could ever start)`]);
});

test("services that want each other, or conflict, are no cycle", async () => {
  const both = (a: string, b: string) => `[[service]]\nname = "${a}"\nrun = "x"\nwants = ["${b}"]\nconflicts = ["${b}"]\n`;
  expect(await told(both("a", "b") + both("b", "a"))).toEqual([]);
});

test("002-8: a service without a probe can be waited for", async () => {
  const plain = '[[service]]\nname = "db"\nrun = "x"\n';
  expect(await told(plain + service("after = ['db', 'db@started']\nrequires = ['db']"))).toEqual([]);
});

test("N39: to wait in words for a service without a probe to be ready is no mistake, and worth a word", async () => {
  const plain = '[[service]]\nname = "db"\nrun = "x"\n[[service]]\nname = "job"\ntype = "oneshot"\nrun = "x"\n';
  const word = 'g@db has no "ready", so it is ready as soon as its process is up (say how it is known, or wait for @started)';
  expect(await told(plain + service("after = ['db@ready', 'job@ready']\nrequires = [{ service = 'db', is = 'ready' }]"))).toEqual([
    `warning g.toml:11:10: ${word}`,
    `warning g.toml:12:25: ${word}`,
  ]);
});

test("an item with a mistake is checked all the same", async () => {
  expect(
    await told(`[[service]]\nname = "a"\nrun = 5\nafter = ["b"]\n[[service]]\nname = "b"\nbound = 1\nrun = "x"\nafter = ["a"]\n`),
  ).toEqual([
    'g.toml:3:7: "run" must be a command, a list of words or a table such as { exec = "/usr/bin/api" }, not 5',
    "g.toml:4:10: a cycle through after: g@a -> g@b -> g@a (none of them could ever start)",
    'g.toml:7:9: "bound" must be true or false, not 1',
  ]);
});
