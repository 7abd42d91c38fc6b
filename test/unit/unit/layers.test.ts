import { expect, test } from "vitest";
import { service, told, unitsOf } from "../../support/units/load.ts";

test("a drop-in lies over the item of its name: tables merge, lists and plain values replace", async () => {
  const { services } = await unitsOf({
    "g.toml": service('run = { exec = "a", args = ["1", "2"], env = { A = "1", B = "1" } }\nstop-timeout = 1'),
    "g.d/10.toml": '[[service]]\nname = "s"\nrun = { args = ["3"], env = { B = "2" } }\nstop-timeout-ms = 2\n',
    "g.d/20.toml": '[[service]]\nname = "s"\n[[service]]\nname = "new"\nrun = "n"\n',
  });
  expect(services).toMatchObject([
    { name: "g@s", run: { program: "a", args: ["3"], env: { A: "1", B: "2" } }, stopTimeoutMs: 2, origin: { file: "g.toml", line: 1 } },
    { name: "g@new", origin: { file: "g.d/20.toml", line: 3 } },
  ]);
});

test("a drop-in replaces a setting also in another unit of time, and leaves people's own words alone", async () => {
  const { services, variables } = await unitsOf({
    "g.toml": `${service("stop-timeout-ms = 5\nrestart.delay = 3")}[[variable]]\nname = "v"\ndefault = { a-ms = 1 }\n`,
    "g.d/1.toml": '[[service]]\nname = "s"\nstop-timeout = 7\nrestart.delay-ms = 9\n[[variable]]\nname = "v"\ndefault.a = 2\n',
  });
  expect(services[0]).toMatchObject({ stopTimeoutMs: 7_000, restart: { delayMs: 9 } });
  expect(variables[0]?.default).toEqual({ "a-ms": 1, a: 2 });
});

test("a mistake is told in the file that holds it", async () => {
  const texts = {
    "g.toml": service('run = { exec = "a", args = [5] }\nstart-on = ["a", 6]'),
    "g.d/x.toml": '[[service]]\nname = "s"\nstart-on = [7]\nrun = { env = { A = [] } }\n',
  };
  expect((await told(texts)).map((line) => line.split(" must")[0])).toEqual([
    'g.toml:3:29: "run.args[0]"',
    'g.d/x.toml:3:13: "start-on[0]"',
    'g.d/x.toml:4:21: "run.env.A"',
  ]);
});

test("the same item twice in one drop-in is an error that names the first in it", async () => {
  const twice = '[[service]]\nname = "s"\n[[service]]\nname = "s"\n';
  expect(await told({ "g.toml": `\n\n${service("")}`, "g.d/x.toml": twice })).toEqual([
    'g.d/x.toml:4:8: service "g@s" is declared twice (first in g.d/x.toml:1)',
  ]);
});

test("there is one [settings] for all files, and drop-ins lie over it", async () => {
  expect(await told({ "a.toml": "[settings]\n", "b.toml": "\n[settings]\n" })).toEqual([
    "b.toml:2:2: [settings] is given twice (there is one for all files, first in a.toml)",
  ]);
  const { settings } = await unitsOf({ "a.toml": "[settings]\nenv = { A = '1', B = '1' }\n", "b.d/x.toml": "[settings]\nenv.B = '2'\n" });
  expect(settings.env).toEqual({ A: "1", B: "2" });
});

test("extends takes over the fields of another service, own fields on top", async () => {
  const { services } = await unitsOf({
    "base.toml": '[[service]]\nname = "node"\ntemplate = true\nrun = { exec = "node", env = { A = "1", B = "1" } }\nstop-timeout = 3\n',
    "g.toml":
      '[[service]]\nname = "s"\nextends = "base@node"\nrun.args = ["x"]\nrun.env.B = "2"\n[[service]]\nname = "t"\nextends = "s"\nstop-timeout = 4\n',
  });
  expect(services).toMatchObject([
    { name: "g@s", run: { program: "node", args: ["x"], env: { A: "1", B: "2" } }, stopTimeoutMs: 3_000 },
    { name: "g@t", run: { program: "node", args: ["x"] }, stopTimeoutMs: 4_000 },
  ]);
});

test("a template needs no command, does not run, and cannot be waited for", async () => {
  const template = '[[service]]\nname = "t"\ntemplate = true\n';
  expect((await unitsOf(template)).services).toEqual([]);
  expect(await told(template + service('after = ["t"]'))).toEqual(['g.toml:7:10: service "t" never runs: it is a template']);
});

test("services that extend each other in a circle are told with the whole circle", async () => {
  const text = ["a", "b"].map((name, i) => `[[service]]\nname = "${name}"\nrun = "x"\nextends = "${i === 0 ? "b" : "a"}"\n`).join("");
  expect(await told(text)).toEqual(["g.toml:8:11: services extend each other in a circle: g@a -> g@b -> g@a (leave out one of these)"]);
});

test("a service that extends nothing there is an error that names the closest", async () => {
  expect(await told(`[[service]]\nname = "base"\nrun = "x"\n${service('extends = "bsae"')}`)).toEqual([
    'g.toml:7:11: no service "bsae" is declared (did you mean "g@base"?)',
  ]);
});

test("a mistake that several services take over is told once, where it is written", async () => {
  const text =
    '[[service]]\nname = "a"\nrun = "x"\nbound = 1\n[[service]]\nname = "b"\nextends = "a"\n[[service]]\nname = "c"\nextends = "a"\n';
  expect(await told(text)).toEqual(['g.toml:4:9: "bound" must be true or false, not 1']);
});

test("the line of an item is right also where a text looks like a header", async () => {
  const text = `[[variable]]\nname = "v"\ndefault = """\n[[service]]\n"""\n${service("")}`;
  expect((await unitsOf(text)).services[0]?.origin).toEqual({ file: "g.toml", line: 6 });
  expect((await unitsOf('service = [\n  { name = "a", run = "x" },\n  { name = "b", run = "x" },\n]\n')).services[1]?.origin?.line).toBe(3);
});
