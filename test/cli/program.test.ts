import { chmodSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { fakeApi, logLine } from "../unit/control/fake-api.ts";
import { served, until } from "../unit/control/rig.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { RIND, RUNNER, rind, run } from "./program.ts";

async function rig(...parts: Parameters<typeof fakeApi>) {
  const fake = fakeApi(...parts);
  const { path } = await served(fake.api);
  const env = { PATH: process.env["PATH"], RIND_SOCKET: path, LANG: "C.UTF-8" };
  return { ...fake, path, env };
}

test("the program speaks to the daemon of RIND_SOCKET", async () => {
  const { env } = await rig();
  expect(await rind(["get", "net@configured"], { env })).toEqual({ code: 0, out: '{"id":"eth0","up":true}\n', err: "" });
});

test("a payload of 1 MiB comes through a pipe", async () => {
  const { env, asked } = await rig();
  const text = "ä".repeat(512 * 1024);
  expect((await rind(["emit", "backup@complete", "-"], { env, input: text })).code).toBe(0);
  expect(asked).toEqual([["emit", "backup@complete", { kind: "words", words: [text] }]]);
});

test("exit codes: 64 usage, 66 declared nowhere, 69 no daemon, 1 it failed", async () => {
  const { env } = await rig();
  expect((await rind(["sett"], { env })).code).toBe(64);
  expect((await rind(["get", "no@such"], { env })).code).toBe(66);
  expect((await rind(["set", "rind@up"], { env })).code).toBe(1);
  expect((await rind(["list"], { env: { ...env, RIND_SOCKET: join(tempFolder(), "none.sock") } })).code).toBe(69);
});

test.runIf(process.getuid?.() === 0)("another user's shell may not open the socket: 77, and nothing is changed", async () => {
  const { env, path, asked } = await rig();
  chmodSync(dirname(path), 0o711);
  const { code, err } = await rind(["emit", "backup@complete"], { env, uid: 65_534, gid: 65_534, cwd: "/" });
  expect([code, err]).toEqual([77, `rind: no right to open the control socket ${path} (it belongs to another user)\n`]);
  expect(asked).toEqual([]);
});

test("output to a pipe has no colours, and NO_COLOR holds", async () => {
  const { env } = await rig();
  const { out } = await rind(["list"], { env });
  expect(out).not.toContain(String.fromCharCode(27));
});

test("a reader that goes early ends the program silently", async () => {
  const many = Array.from({ length: 50_000 }, (_, i) => logLine(i + 1));
  const { env } = await rig({ logs: () => many });
  const { ended, out, err } = run("bash", ["--norc", "-c", `"$0" "$1" logs | head -n 1; echo "\${PIPESTATUS[0]}"`, RUNNER, RIND], { env });
  await ended;
  expect([out(), err()]).toEqual(["web@server | line 1\n0\n", ""]);
});

test("logs -f ends with 0 at Ctrl-C", async () => {
  const { env, followers, log } = await rig();
  const { child, ended, out, err } = run(RUNNER, [RIND, "logs", "-f", "-n", "0"], { env });
  await until(() => followers() === 1);
  log(logLine(9));
  await until(() => out() !== "");
  child.kill("SIGINT");
  expect([await ended, out(), err()]).toEqual([0, "web@server | line 9\n", ""]);
});

test("two shells at once are both served", async () => {
  const { env, asked } = await rig();
  const both = await Promise.all([rind(["emit", "backup@complete", "a"], { env }), rind(["emit", "backup@complete", "b"], { env })]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(asked).toHaveLength(2);
});

test("check prints every mistake and ends with 78", async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, "web.toml"), '[[service]]\nname = "server"\nrun = "true"\nstart_onn = []\n\n[[state]]\nnam = "x"\n');
  const { code, out } = await rind(["check", folder, "--json"], { env: { PATH: process.env["PATH"] } });
  expect(code).toBe(78);
  expect(JSON.parse(out).errors).toEqual([
    expect.objectContaining({ file: expect.stringMatching(/web\.toml$/), line: 4, column: 1 }),
    expect.objectContaining({ line: expect.any(Number), message: expect.any(String), hint: expect.any(String) }),
    ...JSON.parse(out).errors.slice(2),
  ]);
});

test("check says where no service is declared", async () => {
  const { code, out } = await rind(["check", tempFolder()], { env: { PATH: process.env["PATH"] } });
  expect([code, out]).toEqual([0, "no mistakes\nno service is declared\n"]);
});

test("check of good units ends with 0", async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, "web.toml"), '[[service]]\nname = "server"\nrun = "true"\n');
  expect(await rind(["check", folder], { env: { PATH: process.env["PATH"] } })).toEqual({ code: 0, out: "no mistakes\n", err: "" });
});
