import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../unit/control/rig.ts";
import { RIND, RUNNER, run } from "./program.ts";
import { project } from "./project.ts";

const WEB = `
[[state]]
name = "wanted"
branch = ["id"]

[[state]]
name = "mode"
payload = "string"

[[signal]]
name = "ping"

[[variable]]
name = "level"
default = "info"

[[service]]
name = "server"
run = ["sleep", "1000"]
start-on = ["web@wanted"]
`;

test("up -d, then every command finds the project from its folder; down ends it and leaves no socket", async () => {
  const { rind, env } = project({ "web.toml": WEB });
  expect(await rind(["up", "-d"])).toMatchObject({ code: 0, err: "" });
  expect(await rind(["set", "web@wanted", "id=1"])).toEqual({
    code: 0,
    out: "state.set      web@wanted\nservice.start  web@server\n",
    err: "",
  });
  await until(async () => JSON.parse((await rind(["status", "web@server", "--json"])).out).phase === "running");
  expect((await rind(["why", "web@server"])).out).toMatch(/✓ state web@wanted(.*\n)*.*rind set web@wanted\n(.*\n)*.*starting → running/);
  expect((await rind(["unset", "web@wanted"])).out).toBe("state.unset   web@wanted\nservice.stop  web@server\n");
  expect(await rind(["down"])).toEqual({ code: 0, out: "", err: "" });
  expect(readdirSync(join(env["XDG_RUNTIME_DIR"] ?? "", "rind")).filter((name) => !name.endsWith(".log"))).toEqual([]);
  expect((await rind(["list"])).code).toBe(69);
});

test("bad units end up, up -d and check with 78, and every file is named with its place", async () => {
  const { rind } = project({ "web.toml": '[[service]]\nname = "server"\nrunn = "true"\n', "db.toml": "[[state]\n" });
  for (const words of [["up"], ["up", "-d"], ["check"]]) {
    const { code, out, err } = await rind(words);
    expect([words, code]).toEqual([words, 78]);
    expect(out + err).toMatch(/db\.toml:1:\d+: /);
    expect(out + err).toMatch(/web\.toml:3:1: /);
  }
});

test("a units folder that does not exist ends with 78", async () => {
  const { rind } = project({});
  for (const words of [
    ["up", "nowhere"],
    ["check", "nowhere"],
  ]) {
    const { code, out, err } = await rind(words);
    expect([words, code]).toEqual([words, 78]);
    expect(out + err).toMatch(/nowhere/);
  }
});

test("a set of the wrong type ends with 1, of broken json with 64, and neither changes anything", async () => {
  const { rind } = project({ "web.toml": WEB });
  await rind(["up", "-d"]);
  expect(await rind(["set", "web@wanted", "7"])).toMatchObject({ code: 1, out: "", err: expect.stringContaining("write name=VALUE") });
  expect(await rind(["set", "web@wanted", "{broken"])).toMatchObject({ code: 64 });
  expect(await rind(["set", "web@wanted", "other=1"])).toMatchObject({ code: 1 });
  expect((await rind(["get", "web@wanted"])).out).toBe("");
});

test("a payload of 1 MiB is set and comes back whole", async () => {
  const { rind } = project({ "web.toml": WEB });
  await rind(["up", "-d"]);
  const text = "x".repeat(1024 * 1024);
  expect((await rind(["set", "web@mode", "-"], text)).code).toBe(0);
  expect((await rind(["get", "web@mode"])).out).toBe(`${text}\n`);
});

test("ten shells at once set ten branches", async () => {
  const { rind } = project({ "web.toml": WEB });
  await rind(["up", "-d"]);
  const codes = await Promise.all(Array.from({ length: 10 }, async (_, i) => (await rind(["set", "web@wanted", `id=${i}`])).code));
  expect(codes).toEqual(Array(10).fill(0));
  expect(JSON.parse((await rind(["get", "web@wanted", "--json"])).out)).toHaveLength(10);
});

test("what was set and overridden is there again after down and up", async () => {
  const { rind } = project({ "web.toml": WEB });
  await rind(["up", "-d"]);
  await rind(["set", "web@mode", "night", "shift"]);
  await rind(["var", "web@level", "debug"]);
  await rind(["down"]);
  await rind(["up", "-d"]);
  expect((await rind(["get", "web@mode"])).out).toBe("night shift\n");
  expect((await rind(["var", "web@level"])).out).toBe("debug\n");
});

test("after a daemon was killed commands end with 69, and up -d starts another", async () => {
  const { rind, daemonPid } = project({ "web.toml": WEB });
  await rind(["up", "-d"]);
  const killed = daemonPid();
  if (killed === undefined) throw new Error("no daemon");
  process.kill(killed, "SIGKILL");
  await until(() => !existsSync(`/proc/${killed}`));
  expect(await rind(["get", "web@mode"])).toMatchObject({ code: 69 });
  expect(await rind(["up", "-d"])).toMatchObject({ code: 0, err: "" });
  expect((await rind(["get", "web@mode"])).code).toBe(0);
});

test("a start that cannot succeed ends with 1 and says why", async () => {
  const { rind } = project({ "job.toml": '[[service]]\nname = "gone"\nrun = "no-such-program-at-all"\nstatus = "stop"\n' });
  await rind(["up", "-d"]);
  expect(await rind(["start", "job@gone"])).toMatchObject({ code: 1, out: expect.stringContaining("no-such-program-at-all") });
});

test("a shell script anywhere below the project's folder speaks to its daemon", async () => {
  const { rind, env, folder } = project({ "web.toml": WEB });
  await rind(["up", "-d"]);
  mkdirSync(join(folder, "deep/er"), { recursive: true });
  const script =
    'set -e; "$0" "$1" emit web@ping; "$0" "$1" set web@mode "a b"; test "$("$0" "$1" get web@mode)" = "a b"; "$0" "$1" get web@none 2>/dev/null || echo "code $?"';
  const { ended, out } = run("sh", ["-c", script, RUNNER, RIND], { env, cwd: join(folder, "deep/er") });
  expect(await ended).toBe(0);
  expect(out()).toBe("signal.emit  web@ping\nstate.set  web@mode\ncode 66\n");
});

test("events follows what happens to a name as json", async () => {
  const { rind, begin } = project({ "web.toml": WEB });
  await rind(["up", "-d"]);
  const events = begin(["events", "web@mode", "--json"]);
  // Nothing is heard before it listens: set until something is.
  for (let i = 0; events.out() === ""; i++) await rind(["set", "web@mode", String(i)]);
  events.child.kill("SIGINT");
  expect(await events.ended).toBe(0);
  const [first = ""] = events.out().split("\n");
  expect(JSON.parse(first)).toMatchObject({ kind: "state", name: "web@mode", after: expect.stringMatching(/^\d+$/) });
});

test("completion offers the names that the daemon knows", async () => {
  const { rind } = project({ "web.toml": WEB });
  await rind(["up", "-d"]);
  expect((await rind(["complete", "--", "start", "w"])).out).toBe("web@server\n");
  expect((await rind(["complete", "--", "set", "web@"])).out).toBe("web@mode\nweb@wanted\n");
});
