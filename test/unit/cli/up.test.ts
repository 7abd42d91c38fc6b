import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fakeApi } from "../control/fake-api.ts";
import { served } from "../control/rig.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { cli } from "./rig.ts";

/** A program that serves as the daemon: prints its words, then does as `script` says. */
function rig(script: string) {
  const folder = tempFolder();
  const program = join(folder, "daemon.mjs");
  writeFileSync(
    program,
    `import { createServer } from "node:net";
     const words = process.argv.slice(2);
     const socket = words[words.indexOf("--socket") + 1];
     const answer = (pid = process.pid) => createServer((client) => client.on("data", () =>
       client.write(JSON.stringify({ jsonrpc: "2.0", id: 1, result: { pid } }) + "\\n"))).listen(socket);
     setTimeout(() => process.exit(7), 20_000);
     ${script}`,
  );
  const env = { XDG_RUNTIME_DIR: join(folder, "run") };
  mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 });
  mkdirSync(join(folder, "flows"));
  return {
    folder,
    env,
    up: (...words: string[]) => cli(["up", "-d", ...words], { env, cwd: folder, self: [process.execPath, program] }),
  };
}

function endAfterTest(out: string): void {
  const pid = Number(/pid (\d+)/.exec(out)?.[1]);
  onTestFinished(() => void process.kill(pid, "SIGKILL"));
}

test("up -d returns when the daemon answers, and says where it is", async () => {
  const { up, folder } = rig("setTimeout(answer, 100); console.log('hello');");
  const { code, out, err } = await up("--strict", "--state", "my.state");
  endAfterTest(out);
  expect([code, err]).toEqual([0, ""]);
  const [, socket, log] = /^rind runs: pid \d+, socket (\S+), log (\S+)\n$/.exec(out) ?? [];
  expect(socket).toMatch(new RegExp(`^${folder}/run/rind/rind-test-\\w+-[0-9a-f]{8}\\.sock$`));
  expect(readFileSync(log ?? "", "utf8")).toBe("hello\n");
});

test("up -d hands its options on", async () => {
  const { up, folder } = rig("console.error(JSON.stringify(words)); process.exitCode = 3; process.exit();");
  const { code, err } = await up("--strict", "--quiet", "--state", "my.state", "--socket", "my.sock");
  expect(code).toBe(3);
  expect(JSON.parse(err)).toEqual([
    "up",
    join(folder, "flows"),
    "--background",
    "--socket",
    join(folder, "my.sock"),
    "--state",
    join(folder, "my.state"),
    "--quiet",
    "--strict",
  ]);
});

test("up -d shows what a daemon printed that ends before it answers, and ends with its exit code", async () => {
  const { up } = rig("console.error('flows/a.toml:1:1: broken'); process.exit(78);");
  expect(await up()).toEqual({ code: 78, out: "", err: "flows/a.toml:1:1: broken\n" });
});

test("up -d is not taken in by another daemon that answers on the same socket", async () => {
  const { up } = rig("answer(1); setTimeout(() => process.exit(5), 300);");
  expect(await up()).toMatchObject({ code: 5, out: "" });
});

test("up -d beside a daemon that runs is refused", async () => {
  const { up, folder } = rig("answer();");
  const { path } = await served(fakeApi().api, join(folder, "other.sock"));
  const { code, err } = await up("--socket", path);
  expect(code).toBe(1);
  expect(err).toBe(
    `rind: a daemon runs already at ${path} (pid ${process.pid}) (end it with rind down, or give another --socket and --state)\n`,
  );
});
