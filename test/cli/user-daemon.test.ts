import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inNamespace } from "../support/pid-namespace.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { jsonBy, type Project, project, startDaemon } from "./daemon-rig.ts";
import { copyProgram, RIND, rind, type Running, runToEnd } from "./program.ts";

const NOBODY = 65_534;
const SYSTEM = `
[[state]]
name = "online"
payload = "none"
[[signal]]
name = "changed"
[[permission]]
name = "admin"
[[state]]
name = "secret"
permissions = ["admin"]
[[service]]
name = "keep"
run = "sleep 1000"
`;
const SYNC = '[[service]]\nname = "sync"\nrun = "sleep 1000"\nstart-on = ["online"]\n';

/** The daemon of somebody who is not root, linked to that of the system; where the tests are not root's, of the same user. */
interface Linked {
  readonly system: Project;
  readonly user: Project;
  readonly daemon: Running;
  rind(...args: string[]): ReturnType<typeof rind>;
  json(...args: string[]): Promise<unknown>;
}

async function linked(units: string): Promise<Linked> {
  const system = project({ "flows/net.toml": SYSTEM });
  await system.up();
  const { user, start, call } = userOf(system, units);
  const daemon = await start();
  return {
    system,
    user,
    daemon,
    rind: call,
    json: jsonBy(call),
  };
}

function userOf(system: Project, units: string) {
  const user = project({ "flows/my.toml": units });
  const program = copyFor(user, system);
  const options = { cwd: user.folder, env: { ...user.env, HOME: user.folder }, ...(IS_ROOT ? { uid: NOBODY, gid: NOBODY } : {}) };
  const words = ["up", "--system", system.socket];
  return {
    user,
    call: (...args: string[]) => runToEnd(process.execPath, [program, ...args], options),
    refused: () => runToEnd(process.execPath, [program, ...words], options),
    start: () => startDaemon(process.execPath, [program, ...words], options),
  };
}

/** A checkout may lie where only its owner can go. */
function copyFor(user: Project, system: Project): string {
  if (!IS_ROOT) return RIND;
  const copy = copyProgram(join(user.folder, "dist"));
  for (const folder of [user.folder, system.folder]) chmodSync(folder, 0o755);
  chownSync(user.folder, NOBODY, NOBODY);
  return copy;
}

const LONG = { timeout: 20_000 };

test("a state of the system starts and stops a service of a user, and its cause is told as the system's", async () => {
  const { system, json } = await linked(SYNC);
  const phase = async (): Promise<string> => ((await json("status", "my@sync")) as { phase: string }).phase;
  expect(await phase()).toBe("inactive");
  await system.rind("set", "net@online");
  await expect.poll(phase, LONG).toBe("running");
  const because = ((await json("why", "my@sync")) as { because: { what?: string }[] }).because;
  expect(because[0]?.what).toBe("system: rind set net@online");
  await system.rind("unset", "net@online");
  await expect.poll(phase, LONG).toBe("exited");
});

test("a signal of the system comes to a user once", async () => {
  const { system, user, json } = await linked(
    '[[service]]\nname = "on"\nrun.exec = "sh"\nrun.args = ["-c", "echo $PAYLOAD >> heard"]\nrun.env = {}\n' +
      'type = "oneshot"\nstart-on = ["changed"]\ntransport = { id = "env", options = ["PAYLOAD=signal:$/n"] }\n',
  );
  const heard = join(user.folder, "heard");
  const runs = async (): Promise<string> => {
    await json("status", "my@on");
    return readFileSync(heard, { encoding: "utf8", flag: "a+" });
  };
  if (IS_ROOT) chownSync((writeFileSync(heard, ""), heard), NOBODY, NOBODY);
  await system.rind("emit", "net@changed", "n=1");
  await expect.poll(runs, LONG).toBe("1\n");
  await system.rind("emit", "net@changed", "n=2");
  await expect.poll(runs, LONG).toBe("1\n2\n");
});

test("what is the system's can neither be set nor emitted in the daemon of a user", async () => {
  const user = await linked(SYNC);
  expect(await user.rind("set", "net@online")).toMatchObject({ code: 77, err: expect.stringContaining("net@online is the system's") });
  expect(await user.rind("unset", "net@online")).toMatchObject({ code: 77 });
  expect(await user.rind("emit", "net@changed")).toMatchObject({ code: 77 });
});

test("a user sees nothing of a state that lists permissions", async () => {
  const { system, rind: call } = await linked(SYNC);
  await system.rind("set", "net@secret", "id=1");
  await system.rind("set", "net@online");
  await expect.poll(async () => (await call("get", "net@online")).out, LONG).toBe("null\n");
  expect(await call("get", "net@secret")).toMatchObject({ code: 66 });
});

test("to declare what is the system's, and to set it in a hook, are errors with place and hint; the rest of the units runs", async () => {
  const { daemon, json } = await linked(
    `${SYNC}[[service]]\nname = "bad"\nrun = "sleep 1000"\non-start = [{ state = "net@online" }]\n[[service]]\nname = "good"\nrun = "sleep 1000"\n`,
  );
  expect(daemon.err()).toContain('my.toml:8:23: "net@online" is the system\'s, which can be read here and not changed');
  const rows = (await json("list")) as { services: { name: string }[]; states: { name: string; branches: { key: string }[] }[] };
  expect(rows.services.map(({ name }) => name)).toEqual(["my@good", "my@sync"]);
  expect(rows.states.find(({ name }) => name === "rind@degraded")?.branches.map(({ key }) => key)).toEqual(["my@bad"]);
});

test("units of which nothing is right are refused", async () => {
  const system = project({ "flows/net.toml": SYSTEM });
  await system.up();
  const { user, refused } = userOf(system, "");
  user.write("flows/net.toml", '[[state]]\nname = "online"\n');
  const { code, err } = await refused();
  expect(code).toBe(78);
  expect(err).toContain('net.toml:2:8: "net@online" is the system\'s, which can be read here and not declared (choose another name)');
});

test("without a daemon of the system there is none of a user", async () => {
  const system = project({});
  expect(await userOf(system, SYNC).refused()).toMatchObject({ code: 69 });
});

test("while the system's daemon is gone its states stand, and when another is there they are as it says", async () => {
  const { system, json, rind: call } = await linked(SYNC);
  const degraded = async (): Promise<string> => (await call("get", "rind@degraded")).out;
  const online = async (): Promise<string> => (await call("get", "net@online")).out;
  await system.rind("set", "net@online");
  await expect.poll(online, LONG).toBe("null\n");
  await system.rind("down");
  await expect.poll(degraded, LONG).toContain("its states stand as they were");
  expect(await online()).toBe("null\n");
  expect(await json("status", "my@sync")).toMatchObject({ phase: "running" });
  system.write("state", "");
  system.write("flows/net.toml", `${SYSTEM}[[state]]\nname = "fresh"\n`);
  await system.up();
  await expect.poll(degraded, LONG).toBe("");
  expect(await online()).toBe("");
  await expect.poll(async () => (await call("get", "net@fresh")).code, LONG).toBe(0);
});

test("names that a reload brings to the system can be read in the daemon of a user", async () => {
  const { system, rind: call } = await linked(SYNC);
  expect(await call("get", "net@fresh")).toMatchObject({ code: 66 });
  system.write("flows/net.toml", `${SYSTEM}[[state]]\nname = "fresh"\n`);
  await system.rind("reload");
  await system.rind("set", "net@fresh", "id=1");
  await expect.poll(async () => (await call("get", "net@fresh")).out, LONG).toBe('{"id":"1"}\n');
});

test("the daemon of a user stays when nothing of its own runs", async () => {
  const { rind: call } = await linked('[[service]]\nname = "once"\nrun = "true"\ntype = "oneshot"\n');
  await expect.poll(async () => (await call("status", "my@once")).out, LONG).toContain("exited");
  expect(await call("list")).toMatchObject({ code: 0 });
});

const UID = 4_242;

/** The system's daemon as PID 1 of a namespace of its own, whose /run and users are in a folder of the test. */
async function systemWith(userUnits: string | undefined) {
  const folder = tempFolder();
  chmodSync(folder, 0o755);
  const home = join(folder, "home");
  const flows = join(home, ".config/rind/flows");
  mkdirSync(userUnits === undefined ? home : flows, { recursive: true });
  if (userUnits !== undefined) writeFileSync(join(flows, "my.toml"), userUnits);
  for (const entry of ["", ...readdirSync(home, { recursive: true, encoding: "utf8" })]) chownSync(join(home, entry), UID, UID);
  for (const name of ["run", "flows"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "flows/net.toml"), SYSTEM);
  writeFileSync(join(folder, "passwd"), `root:x:0:0::/root:/bin/sh\nalice:x:${UID}:${UID}::${home}:/bin/sh\n`);
  const program = copyProgram(join(folder, "dist"));
  const mounts = `mount --bind ${folder}/run /run && mount --bind ${folder}/passwd /etc/passwd`;
  const up = `exec ${process.execPath} ${program} --socket /run/rind/rind.sock up flows --state ${folder}/state`;
  const { RIND_SOCKET: _, XDG_RUNTIME_DIR: __, NODE_EXTRA_CA_CERTS: ___, ...env } = process.env;
  const namespace = inNamespace(["sh", "-c", `${mounts} && ${up}`], { cwd: folder, env });
  await namespace.said(/"rind is up"/);
  const socket = join(folder, "run/rind/rind.sock");
  return {
    namespace,
    folder,
    rind: (...args: string[]) => rind(["--socket", socket, ...args], { env }),
    /** As the user, with the environment of a login. */
    alice: (...args: string[]) =>
      runToEnd(process.execPath, [program, ...args], {
        cwd: folder,
        env: { ...env, HOME: home, XDG_RUNTIME_DIR: join(folder, `run/user/${UID}`) },
        uid: UID,
        gid: UID,
      }),
    socket,
  };
}

const login = (id: string): string[] => ["set", "rind@user-session", `session_id=${id}`, "username=alice"];

test.skipIf(!IS_ROOT)("the units of a user run from the first login to the last logout, and follow the system", async () => {
  const { rind: root, alice, socket } = await systemWith(SYNC);
  const phase = async (): Promise<string> => (await root("status", "rind@user-units/alice", "--json")).out;
  await root(...login("1"));
  await root(...login("2"));
  await expect.poll(async () => (await alice("list")).out, LONG).toContain("my@sync");
  await root("set", "net@online");
  await expect.poll(async () => (await alice("status", "my@sync")).out, LONG).toContain("running");
  expect(await alice("--socket", socket, "stop", "net@keep")).toMatchObject({ code: 77 });
  await root("unset", "rind@user-session", '{"session_id":"1"}');
  expect(await phase()).toContain('"phase": "running"');
  await root("unset", "rind@user-session");
  await expect.poll(async () => (await root("list")).out, LONG).not.toContain("rind@user-units/alice");
  expect((await root("list")).out).toContain("rind@user-units");
});

test.skipIf(!IS_ROOT)("of a user without units nothing runs", async () => {
  const { rind: root } = await systemWith(undefined);
  await root(...login("1"));
  await expect.poll(async () => (await root("status", "rind@user-units/alice")).out, LONG).toContain("exited");
});

test.skipIf(!IS_ROOT)("the daemon of a user that is killed starts again", async () => {
  const { rind: root, alice } = await systemWith(SYNC);
  await root(...login("1"));
  await expect.poll(async () => (await alice("list")).code, LONG).toBe(0);
  await root("kill", "rind@user-units/alice", "-s", "KILL");
  const row = async (): Promise<unknown> => JSON.parse((await root("status", "rind@user-units/alice", "--json")).out);
  await expect.poll(row, LONG).toMatchObject({ phase: "running", restarts: 1 });
  await expect.poll(async () => (await alice("list")).code, LONG).toBe(0);
});
