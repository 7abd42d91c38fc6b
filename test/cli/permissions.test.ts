import { chmodSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Listing, ServiceRow } from "../../src/control/api.ts";
import { METHODS } from "../../src/control/methods.ts";
import type { MethodName, Methods } from "../../src/control/protocol.ts";
import type { Fact } from "../../src/model/fact.ts";
import type { Json } from "../../src/model/json.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { type Project, printed, project, rindAsNobody } from "./daemon-rig.ts";
import { copyProgram, RIND, RUNNER, run, type Running, runToEnd } from "./program.ts";

/** nobody, and the number of a group that is nobody's but whom a test puts into it. */
const NOBODY = 65_534;
const OPS = 4_242;
const SECRET = "s3cret";

const UNITS = `
[settings]
on-empty = "wait"
[[permission]]
name = "ops"
group = "${OPS}"
[[state]]
name = "secret"
permissions = ["ops"]
[[state]]
name = "open"
[[signal]]
name = "alarm"
permissions = ["ops"]
[[variable]]
name = "v"
default = "${SECRET}"
[[service]]
name = "s"
managed-by = ["ops"]
run.shell = "echo ${SECRET}; exec sleep 1000"
run.env = { TOKEN = "${SECRET}" }
`;

/** Sends stdin to the unix socket that is its argument, and prints what comes back until the other side ends. */
const PIPE = `const s = require("node:net").connect(process.argv[1]); process.stdin.pipe(s); s.pipe(process.stdout); s.on("error", () => {})`;

/** Prints what comes from there, and sends nothing. */
const LISTEN = `require("node:net").connect(process.argv[1]).on("error", () => process.exit(1)).pipe(process.stdout)`;

/** As nobody, in these groups beside its own. */
function asNobody(groups: readonly number[], ...command: string[]): [string, string[]] {
  const into = groups.length === 0 ? "--clear-groups" : `--groups=${groups.join(",")}`;
  return ["setpriv", [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, into, ...command]];
}

interface Answer {
  readonly id: number;
  readonly result?: Json;
  readonly error?: { readonly message: string; readonly data: { readonly code: string; readonly exitCode: number } };
}

/** What the daemon answers nobody, in the order of the calls. Each goes its own way: batches of subscriptions are passed over. */
async function ask(p: Project, groups: readonly number[], calls: readonly (readonly [string, object])[]): Promise<Answer[]> {
  letIn(p);
  const input = calls.map(([method, params], id) => `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`).join("");
  const [program, args] = asNobody(groups, process.execPath, "-e", PIPE, p.socket);
  const { out } = await runToEnd(program, args, { input, cwd: "/" });
  const messages = out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Answer);
  return calls.map((_, id) => messages.find((message) => message.id === id) ?? { id });
}

/** The folder of a test is its own user's alone. */
function letIn(p: Project): void {
  chmodSync(p.folder, 0o755);
}

const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8);

/** The lines of the daemon's log about what was not permitted, without their time. */
function denials(daemon: Running): Json[] {
  const lines = daemon.err().split("\n");
  return lines
    .filter((line) => line.includes("not permitted"))
    .map((line) => (({ uid, method, name }) => ({ uid, method, name }))(JSON.parse(line)));
}

/** A call of every method: what it is about where it is denied, false where it is answered. */
const CALLS: { readonly [M in MethodName]: { readonly params: Methods[M]["params"]; readonly denied: string | boolean } } = {
  "rpc.discover": { params: {}, denied: false },
  "system.info": { params: {}, denied: false },
  "system.list": { params: {}, denied: false },
  "system.reload": { params: {}, denied: true },
  "system.power": { params: { action: "poweroff" }, denied: true },
  "system.down": { params: {}, denied: true },
  "flow.emit": { params: { name: "app@alarm" }, denied: "app@alarm" },
  "flow.set": { params: { name: "app@secret", payload: { id: 2 } }, denied: "app@secret" },
  "flow.unset": { params: { name: "app@secret" }, denied: "app@secret" },
  "flow.get": { params: { name: "app@secret" }, denied: "app@secret" },
  "flow.states": { params: {}, denied: false },
  "flow.subscribe": { params: {}, denied: false },
  "flow.variables": { params: {}, denied: false },
  "flow.set_variable": { params: { name: "app@v", value: "x" }, denied: true },
  "session.open": { params: { username: "nobody", tty: "tty1" }, denied: "rind@user-session" },
  "session.close": { params: { username: "nobody" }, denied: "rind@user-session" },
  "service.list": { params: {}, denied: false },
  "service.status": { params: { name: "app@s" }, denied: false },
  "service.start": { params: { names: ["app@s"] }, denied: "app@s" },
  "service.stop": { params: { names: ["app@s"], force: true }, denied: "app@s" },
  "service.restart": { params: { names: ["app@s"] }, denied: "app@s" },
  "service.reload": { params: { names: ["app@s"] }, denied: "app@s" },
  "service.start_all": { params: {}, denied: true },
  "service.stop_all": { params: { force: true }, denied: true },
  "service.kill": { params: { names: ["app@s"], signal: "KILL" }, denied: "app@s" },
  "service.stats": { params: { name: "app@s" }, denied: "app@s" },
  "service.set": { params: { service: { name: "evil@root", run: ["sleep", "1000"] } }, denied: true },
  "service.get": { params: { name: "app@s" }, denied: "app@s" },
  "service.delete": { params: { name: "app@s" }, denied: true },
  "service.delete_all": { params: {}, denied: true },
  "service.logs": { params: { names: ["app@s"] }, denied: "app@s" },
  "service.why": { params: { name: "app@secret" }, denied: false },
  "service.graph": { params: {}, denied: false },
  "log.read": { params: {}, denied: true },
  "log.subscribe": { params: {}, denied: true },
  "event.trace": { params: { last: 1_000 }, denied: false },
  "event.subscribe": { params: {}, denied: false },
};

test.skipIf(!IS_ROOT)("a caller without rights tries every method: nothing changes, exit code 77, one log line each", async () => {
  // a new method has to say here what it lets others do
  expect(Object.keys(CALLS).sort()).toEqual(Object.keys(METHODS).sort());
  const p = project({ "flows/app.toml": UNITS });
  const daemon = await p.up();
  await p.rind("set", "app@secret", `id=${SECRET}`);
  const world = async () => [await p.json("list"), await p.json("var"), await p.json("trace"), readdirSync(p.folder).sort()];
  const before = await world();

  const calls = Object.entries(CALLS);
  const answers = await ask(
    p,
    [],
    calls.map(([method, { params }]) => [method, params]),
  );

  const told = calls.map(([method], i) => [method, answers[i]?.error === undefined ? "answered" : answers[i].error.data]);
  const NOT_PERMITTED = { code: "RIND_NOT_PERMITTED", exitCode: 77, hint: "", cause: null };
  expect(told).toEqual(calls.map(([method, { denied }]) => [method, denied === false ? "answered" : NOT_PERMITTED]));
  expect(answers.every(({ result, error }) => result !== undefined || error !== undefined)).toBe(true);
  expect(JSON.stringify(answers)).not.toContain(SECRET);
  expect(await world()).toEqual(before);
  const logged = calls.flatMap(([method, { denied }]) =>
    denied === false ? [] : [{ uid: NOBODY, method, ...(denied === true ? {} : { name: denied }) }],
  );
  const byMethod = (a: Json, b: Json): number => JSON.stringify(a).localeCompare(JSON.stringify(b));
  expect(denials(daemon).sort(byMethod)).toEqual(logged.sort(byMethod));
  expect(daemon.err()).toMatch(/"level":"warn".*"uid":65534,"pid":[1-9]\d*,"method":"flow.set","name":"app@secret"/);
});

test.skipIf(!IS_ROOT)("88, 108: membership in a group, by the kernel's word, lets set a state and control a service", async () => {
  const p = project({ "flows/app.toml": UNITS });
  const daemon = await p.up();
  const pid = async (): Promise<number | null> => ((await p.json("status", "app@s")) as ServiceRow).pid;
  const first = await pid();
  const calls = [
    ["flow.set", { name: "app@secret", payload: { id: SECRET } }],
    ["flow.get", { name: "app@secret" }],
    ["flow.emit", { name: "app@alarm" }],
    ["service.restart", { names: ["app@s"] }],
    ["service.logs", { names: ["app@s"] }],
    ["system.down", {}],
  ] as const;
  const without = await ask(p, [OPS + 1], calls);
  expect(without.map(({ error }) => error?.data.exitCode)).toEqual([77, 77, 77, 77, 77, 77]);
  expect(await pid()).toBe(first);
  expect(await p.json("get", "app@secret")).toEqual([]);

  const withIt = await ask(p, [7, OPS], calls);
  expect(withIt.map(({ error }) => error?.data.exitCode)).toEqual([undefined, undefined, undefined, undefined, undefined, 77]);
  expect(withIt[1]?.result).toEqual([{ id: SECRET }]);
  expect(await pid()).not.toBe(first);
  expect(await p.json("get", "app@secret")).toEqual([{ id: SECRET }]);
  expect(denials(daemon)).toHaveLength(7);
  await p.rind("set", "app@secret", "id=root");
  expect(await p.json("get", "app@secret")).toEqual([{ id: SECRET }, { id: "root" }]);
});

test.skipIf(!IS_ROOT)("108: a service of users' is controlled, and its output read, by whom it runs as", async () => {
  const MINE = '[[service]]\nname = "mine"\nspace = { user = "nobody" }\nrun.cwd = "/"\nrun.shell = "id -u; exec sleep 1000"\n';
  const p = project({ "flows/app.toml": UNITS + MINE });
  await p.up();
  await expect.poll(async () => (await p.rind("logs", "app@mine")).out).toContain(`${NOBODY}`);
  const answers = await ask(
    p,
    [],
    [
      ["service.logs", {}],
      ["service.stats", { name: "app@mine" }],
      ["service.kill", { names: ["app@mine"], signal: "CONT" }],
      ["service.stop", { names: ["app@mine"] }],
    ],
  );
  expect(answers.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined]);
  expect(answers[0]?.result).toMatchObject([{ service: "app@mine", line: `${NOBODY}` }]);
  expect(await p.json("status", "app@mine")).toMatchObject({ phase: "exited", reason: expect.stringContaining("by hand") as string });
  expect((await p.json("trace", "app@mine")) as readonly Fact[]).toContainEqual(
    expect.objectContaining({
      kind: "outside",
      what: expect.stringMatching(/^rind stop app@mine, asked by uid 65534, pid \d+$/) as string,
    }),
  );
  expect((await ask(p, [], [["service.start", { names: ["app@mine"] }]]))[0]?.result).toMatchObject([{ phase: "running" }]);
});

test.skipIf(!IS_ROOT)("rind says which permission would be needed, and ends with 77", async () => {
  const p = project({ "flows/app.toml": UNITS });
  await p.up();
  const answers: (readonly [readonly string[], RegExp])[] = [
    [["stop", "app@s"], /^rind: not permitted: app@s lists managed-by app@ops, and uid 65534 has none of these\n$/],
    [["get", "app@secret"], /^rind: not permitted: app@secret lists permissions app@ops, and uid 65534 has none of these\n$/],
    [["reload"], /^rind: not permitted: to reload the units is for root and the daemon's own user alone, not for uid 65534\n$/],
    [["down"], /^rind: not permitted: to stop the daemon is for root/],
  ];
  for (const [words, said] of answers) {
    const { code, out, err } = await rindAsNobody(p, ...words);
    expect({ code, out }).toEqual({ code: 77, out: "" });
    expect(err).toMatch(said);
  }
});

test.skipIf(!IS_ROOT)("rind shows others what is for all to see, and that there is more", async () => {
  const p = project({ "flows/app.toml": UNITS });
  await p.up();
  await p.rind("set", "app@secret", `id=${SECRET}`);
  await p.rind("set", "app@open", "id=1");
  const list = await rindAsNobody(p, "list");
  expect(list).toMatchObject({ code: 0, err: "" });
  expect(list.out).toMatch(/app@s +running/);
  expect(list.out).toMatch(/app@secret +active +\(restricted\)\n/);
  expect(list.out).toMatch(/app@open +by hand +\{"id":"1"\}/);
  expect((await rindAsNobody(p, "trace")).out).toMatch(/state app@secret is set \(restricted\)\n/);
  expect((await rindAsNobody(p, "var")).out).toMatch(/app@v +default +\(restricted\)\n/);
  const { states } = JSON.parse((await rindAsNobody(p, "list", "--json")).out) as Listing;
  expect(states).toContainEqual({ name: "app@secret", active: true, payload: "json", branches: [], restricted: true });
});

test("the control socket is open to others only while units give them rights", async () => {
  const none = '[settings]\non-empty = "wait"\n[[state]]\nname = "a"\n';
  const p = project({ "flows/app.toml": none });
  await p.up();
  expect(modeOf(p.socket)).toBe("600");
  p.write("flows/app.toml", `${none}permissions = [${OPS}]\n`);
  await p.json("reload");
  expect(modeOf(p.socket)).toBe("666");
  p.write("flows/app.toml", none);
  await p.json("reload");
  expect(modeOf(p.socket)).toBe("600");
});

test.skipIf(!IS_ROOT)("a reload that gives somebody a right lets them in, one that takes it keeps them out", async () => {
  const none = '[settings]\non-empty = "wait"\n[[state]]\nname = "a"\n';
  const p = project({ "flows/app.toml": none });
  await p.up();
  const set = ["set", "app@a", "id=1"];
  expect(await rindAsNobody(p, ...set)).toMatchObject({
    code: 77,
    err: expect.stringMatching(/no right to open the control socket/) as string,
  });
  p.write("flows/app.toml", `${none}permissions = [${NOBODY}]\n`);
  await p.json("reload");
  expect((await rindAsNobody(p, ...set)).code).toBe(0);
  p.write("flows/app.toml", none);
  await p.json("reload");
  expect((await rindAsNobody(p, ...set)).code).toBe(77);
  expect(await p.json("get", "app@a")).toEqual([{ id: "1" }]);
});

test("declared rights open the folder that is made for the socket, and that of Rind's own, but none above", async () => {
  const p = project({ "flows/app.toml": UNITS });
  for (const [path, folder] of [
    [join(p.folder, "made", "s"), join(p.folder, "made")],
    [undefined, join(p.folder, "rind")],
  ] as const) {
    const { RIND_SOCKET: _, ...rest } = p.env;
    const env = path === undefined ? rest : { ...rest, RIND_SOCKET: path };
    const daemon = run(RUNNER, [RIND, "up"], { cwd: p.folder, env });
    const [, socket = ""] = await printed(daemon, "err", /"socket":"([^"]+)".*"rind is up"/);
    expect([modeOf(socket), modeOf(folder), modeOf(p.folder)]).toEqual(["666", "755", "700"]);
    daemon.child.kill("SIGTERM");
    await daemon.ended;
  }
});

const SUBSCRIBED = (permissions: string): string => `
[settings]
on-empty = "wait"
[[state]]
name = "a"
subscribers = [{ id = "uds", options = ["sub"]${permissions} }]
`;

test.skipIf(!IS_ROOT)("88: a subscriber socket with permissions is for who has one of these, and each other caller is logged", async () => {
  const p = project({ "flows/app.toml": SUBSCRIBED("") });
  const daemon = await p.up();
  letIn(p);
  const path = join(p.folder, "sub");
  const subscribe = (...groups: number[]): Running => {
    const [program, args] = asNobody(groups, process.execPath, "-e", LISTEN, path);
    return run(program, args, { cwd: "/" });
  };
  expect(modeOf(path)).toBe("600");
  expect(await subscribe(OPS).ended).toBe(1);

  p.write("flows/app.toml", SUBSCRIBED(`, permissions = [${OPS}]`));
  await p.json("reload");
  expect(modeOf(path)).toBe("666");
  await p.rind("set", "app@a", "id=1");
  const stranger = subscribe();
  await stranger.ended;
  expect(JSON.parse(stranger.out())).toEqual({
    type: "error",
    code: "RIND_NOT_PERMITTED",
    message: "not permitted: this socket of state app@a is for root and who has one of: group 4242; not for uid 65534",
  });
  await printed(daemon, "err", /"uid":65534,"pid":\d+,"method":"subscribe","name":"app@a","path":"[^"]*sub".*not permitted/);

  const many = `let left = 70; for (let i = 0; i < 70; i++) require("node:net").connect(process.argv[1]).on("data", (d) => { process.stdout.write(d); if (--left === 0) process.exit(); });`;
  const [program, args] = asNobody([OPS], process.execPath, "-e", many, path);
  expect((await runToEnd(program, args, { cwd: "/" })).out.match(/too many connections/g)).toHaveLength(6);

  const member = subscribe(7, OPS);
  await printed(member, "out", /"action":"set","payload":{"id":"1"}/);
  await p.rind("set", "app@a", "id=2");
  await printed(member, "out", /"action":"set","payload":{"id":"2"}/);
  // a right that is taken away is taken from who is there
  p.write("flows/app.toml", SUBSCRIBED(`, permissions = [${OPS + 1}]`));
  await p.json("reload");
  await member.ended;
  expect(member.out()).toMatch(/"code":"RIND_NOT_PERMITTED"/);
});

test("where who calls cannot be told the control socket stays its owner's alone, and the daemon says why", async () => {
  const p = project({ "flows/app.toml": UNITS });
  const copy = join(p.folder, "dist");
  const daemon = run(process.execPath, [copyProgram(copy, { without: ["sys.node"] }), "up"], { cwd: p.folder, env: p.env });
  await printed(daemon, "err", /"level":"warn".*the control socket stays its owner's alone/);
  await printed(daemon, "err", /"rind is up"/);
  expect(modeOf(p.socket)).toBe("600");
  expect((await p.rind("list")).code).toBe(0);
  daemon.child.kill("SIGTERM");
  await daemon.ended;
});
