import { expect, test } from "vitest";
import { formatDiagnostic } from "../../../src/errors/unit-error.ts";
import { parse } from "../../support/units/load.ts";

async function degraded(texts: Parameters<typeof parse>[0]) {
  const { units, leftOut, diagnostics } = await parse(texts, { leaveOut: true });
  if (units === undefined) throw new Error("there is always a unit set");
  return {
    units,
    leftOut: leftOut.map(({ item, message }) => `${item ?? "-"} ${message}`),
    errors: diagnostics.filter(({ severity }) => severity === "error").map(formatDiagnostic),
    services: units.services.map(({ name }) => name),
    service: (name: string) => units.services.find((decl) => decl.name === name),
    state: (name: string) => units.states.find((decl) => decl.name === name),
  };
}

const web = (lines: string) => `[[service]]\nname = "web"\nrun = "web"\n${lines}\n`;
const BAD = '[[service]]\nname = "bad"\nrun = "x"\nnope = 1\n';

test("104, N118: a file that is no TOML is left out, told with line and column, and the other files load", async () => {
  const { services, leftOut, errors } = await degraded({
    "a.toml": web(""),
    "b.toml": '[[service]]\nname = "x"\nrun = = 1\n',
    "c.toml": '[[service]]\nname = "c"\nrun = "c"\n',
  });
  expect(services).toEqual(["a@web", "c@c"]);
  expect(leftOut).toEqual([expect.stringMatching(/^- b\.toml:3:7: this is no TOML/)]);
  expect(errors).toEqual([expect.stringMatching(/^b.toml:3:7: this is no TOML/)]);
});

test("an item with errors is left out and the rest of its file loads", async () => {
  const { services, leftOut, errors } = await degraded(`${BAD}typ = 2\n${web("")}`);
  expect(services).toEqual(["g@web"]);
  expect(leftOut).toEqual(['g@bad g.toml:4:1: unknown key "nope"; g.toml:5:1: unknown key "typ" (did you mean "type"?)']);
  expect(errors).toHaveLength(2);
});

test("without errors nothing is left out", async () => {
  expect(await degraded(web(""))).toMatchObject({ leftOut: [], services: ["g@web"] });
});

test("after, before, wants, conflicts and hooks pass over a service that was left out", async () => {
  const other = '[[service]]\nname = "other"\nrun = "x"\nconflicts = ["bad"]\n[[service]]\nname = "third"\nrun = "x"\nbefore = ["bad"]\n';
  const lines = 'after = ["bad"]\nwants = ["bad"]\non-start = [{ service = "bad", action = "start" }]';
  const { service, leftOut } = await degraded(BAD + other + web(lines));
  expect(service("g@web")).toMatchObject({ after: [], wants: [], onStart: [] });
  expect(service("g@other")).toMatchObject({ conflicts: [] });
  expect(service("g@third")).toBeDefined();
  expect(leftOut).toHaveLength(1);
});

test("what requires a service that was left out keeps its name, and so does a condition on it", async () => {
  const { service, leftOut } = await degraded(
    BAD + web('requires = [{ service = "bad", is = "started" }]\nstop-on = [{ service = "bad", is = "failed" }]'),
  );
  expect(service("g@web")).toMatchObject({
    requires: [{ service: "g@bad", is: "started", onLoss: "stop" }],
    stopOn: [{ kind: "service", name: "g@bad", key: undefined, is: "failed" }],
  });
  expect(leftOut).toHaveLength(1);
});

test("what requires a service of a file that could not be read keeps its name", async () => {
  const { service } = await degraded({ "g.toml": web('requires = ["db@started", "other@x"]'), "other.toml": "= 1" });
  expect(service("g@web")?.requires.map((item) => item.service)).toEqual(["other@db", "other@x"]);
});

test("a state that was left out is implied, json with the key that services branch on, and as closed to others as it was", async () => {
  const bad = '[[state]]\nname = "a"\nnope = 1\npermissions = [7]\n[[state]]\nname = "b"\npermissions = ["nope"]\n';
  const { state, service } = await degraded(`${bad}${web('branching = { source-state = "a", key = "tty" }')}`);
  expect(state("g@a")).toMatchObject({
    payload: "json",
    branch: [{ target: "tty", source: "tty" }],
    implied: true,
    permissions: [{ kind: "gid", gid: 7 }],
  });
  expect(state("g@b")).toMatchObject({ payload: "any", permissions: [{ kind: "permission", name: "g@nope" }] });
  expect(service("g@web")?.branching?.sourceState).toBe("g@a");
});

test("a state whose permissions cannot be read is nobody's", async () => {
  const { state } = await degraded('[[state]]\nname = "a"\npermissions = "x"\n');
  expect(state("g@a")?.permissions).toEqual([{ kind: "permission", name: "" }]);
});

test("a signal that was left out is an implied signal, also where nothing says what it is", async () => {
  const { units } = await degraded(`[[signal]]\nname = "s"\nnope = 1\n${web('start-on = ["s"]')}`);
  expect(units.signals.find(({ name }) => name === "g@s")).toMatchObject({ payload: "any", implied: true, after: [] });
  expect(units.states.some(({ name }) => name === "g@s")).toBe(false);
});

test("of a cycle of services the first by name is left out, and what requires it waits", async () => {
  const text = ["c", "b", "a"]
    .map((name, i) => `[[service]]\nname = "${name}"\nrun = "x"\nrequires = ["${["b", "a", "c"][i]}"]\n`)
    .join("");
  const { services, service, leftOut } = await degraded(text);
  expect(services).toEqual(["g@c", "g@b"]);
  expect(service("g@b")?.requires[0]?.service).toBe("g@a");
  expect(leftOut).toEqual(["g@a g.toml:12:13: a cycle through requires: g@a -> g@c -> g@b -> g@a (none of them could ever start)"]);
});

test("what takes its fields or its command from something that was left out is left out too", async () => {
  const text = `[[variable]]\nname = "v"\ndefault = "x"\nnope = 1\n[[service]]\nname = "byvar"\nrun.variable = "v"\n${web("")}`;
  expect((await degraded(text)).services).toEqual(["g@web"]);
  const files = { "g.toml": `[[service]]\nname = "s"\nrun = "s"\nextends = "other@base"\n`, "other.toml": "= 1" };
  expect(await degraded(files)).toMatchObject({
    services: [],
    leftOut: [expect.stringMatching("no TOML"), 'g@s g.toml:4:11: "other@base" lies in a file that could not be read'],
  });
});

test("a service that extends one with errors runs where its own fields make it whole", async () => {
  const base = '[[service]]\nname = "base"\nrun = "b"\nnice = 1\nstop-timeout = "no"\n';
  expect((await degraded(`${base}${web('extends = "base"\nstop-timeout = 5')}`)).services).toEqual([]);
  const template = '[[service]]\nname = "base"\nrun = "b"\nstop-timeout = "no"\n';
  const { service } = await degraded(`${template}${web('extends = "base"\nstop-timeout = 5')}`);
  expect(service("g@web")?.stopTimeoutMs).toBe(5_000);
});

test("a wrong setting is left out, and the others hold", async () => {
  const { units, leftOut } = await degraded('[settings]\nnope = 1\nenv = { A = "1" }\nshutdown-timeout = "no"\npath = "${env:NOPE}"\n');
  expect(units.settings).toMatchObject({ env: { A: "1" }, shutdownTimeoutMs: 30_000, path: undefined });
  expect(leftOut.map((text) => text.split(" ")[0]).toSorted()).toEqual(["settings.nope", "settings.path", "settings.shutdown-timeout"]);
});

test("an item that is declared twice keeps the first, and one with a built-in name leaves that alone", async () => {
  const { state, services, leftOut } = await degraded(
    `${web("")}${web("nice = 1")}[[state]]\nname = "x"\npayload = "string"\n[[signal]]\nname = "x"\n`,
  );
  expect(services).toEqual(["g@web"]);
  expect(state("g@x")?.payload).toBe("string");
  expect(leftOut).toHaveLength(2);
  expect((await degraded({ "rind.toml": '[[state]]\nname = "up"\npayload = "any"\n' })).state("rind@up")).toBeUndefined();
});

test("what is no section is passed over", async () => {
  const { services, leftOut } = await degraded(`[[sevrice]]\nname = "x"\n${web("")}`);
  expect(services).toEqual(["g@web"]);
  expect(leftOut).toEqual(['- g.toml:1:3: unknown section "sevrice" (did you mean "service"?)']);
});

test("a mount, a network and a permission with errors are left out; whoever had that permission has it no more", async () => {
  const { units, leftOut } = await degraded(
    `[[permission]]\nname = "p"\nusers = "x"\n[[mount]]\ntarget = "/a"\n[[mount]]\ntarget = "/b"\nfstype = "tmpfs"\nafter = ["a"]\n[[network]]\nname = "n"\naddress = "x"\n${web('managed-by = ["p"]')}`,
  );
  expect(units.mounts.map(({ name, after }) => [name, after])).toEqual([["g@b", []]]);
  expect(units.networks).toEqual([]);
  expect(units.permissions.map(({ name }) => name)).toEqual(["rind@login"]);
  expect(units.services[0]?.managedBy).toEqual([{ kind: "permission", name: "g@p" }]);
  expect(leftOut.map((text) => text.split(" ")[0])).toEqual(["g@p", "g@a", "g@n"]);
});

test("a file of zinit's with mistakes is left out whole", async () => {
  const { services, leftOut } = await degraded({ "z.toml": '[service]\nname = "z"\nexec = 5\n', "g.toml": web("") });
  expect(services).toEqual(["g@web"]);
  expect(leftOut).toEqual([expect.stringMatching(/^z@z z\.toml:3:8: /)]);
});

test("what a drop-in that could not be read may be about is left out: as it is without it nobody wanted it", async () => {
  const { services, leftOut, state } = await degraded({
    "g.toml": `${web("")}[[service]]\nname = "other"\nrun = "x"\n[[state]]\nname = "held"\npermissions = [7]\n[[state]]\nname = "free"\n`,
    "g.d/who.toml": '[[service]]\nname = "web"\nrun.user = "alice"\n[[state]]\nname = "held"\npermissions = [8]\n[[',
    "h.toml": '[[service]]\nname = "web"\nrun = "x"\n[[service]]\nname = "child"\nextends = "g@web"\n',
  });
  expect(services).toEqual(["g@other", "h@web"]);
  expect(leftOut).toContainEqual(expect.stringMatching(/^g@web g\.toml:\d+:\d+: what g\.d\/who\.toml says of it could not be read/));
  expect(state("g@held")?.permissions).toEqual([{ kind: "permission", name: "" }]);
  expect(state("g@free")?.permissions).toEqual([]);
});

test("a state that was left out and lists no permissions is nobody's: it may have meant to", async () => {
  const { state } = await degraded('[[state]]\nname = "a"\npermisions = [7]\n');
  expect(state("g@a")?.permissions).toEqual([{ kind: "permission", name: "" }]);
});

test.each(["[[sevrice]]", "[service]", '[[service]]\nnam = "web"'])("so is what lies under %s in a drop-in", async (wrong) => {
  const { services } = await degraded({
    "g.toml": web(""),
    "g.d/who.toml": `${wrong}\nname = "web"\nrun.user = "alice"\n`.replace('"web"\nname', '"web"\nx'),
  });
  expect(services).toEqual([]);
});

test("where a file could not be read, what is implied is nobody's: it may have been declared there, and for some alone", async () => {
  const uses = web('start-on = ["g@held", "bare"]');
  const permissionsOf = async (texts: Record<string, string>) => {
    const { state } = await degraded(texts);
    return [state("g@held")?.permissions, state("h@bare")?.permissions];
  };
  const nobodys = [{ kind: "permission", name: "" }];
  expect(await permissionsOf({ "g.toml": '[[state]]\nname = "held"\npermissions = [7]\n[[', "h.toml": uses })).toEqual([nobodys, nobodys]);
  expect(await permissionsOf({ "g.toml": '[[sate]]\nname = "held"\npermissions = [7]\n', "h.toml": uses })).toEqual([nobodys, nobodys]);
  expect(await permissionsOf({ "g.toml": BAD, "h.toml": uses })).toEqual([[], []]);
});
