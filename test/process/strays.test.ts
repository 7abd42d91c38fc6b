import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { reapsOrphans } from "../support/reaps-orphans.ts";
import { endStrays, strays } from "../../src/process/strays.ts";
import { launch } from "../support/launch.ts";
import { lives } from "../support/lives.ts";
import { tempFolder } from "../support/temp-folder.ts";

beforeAll(reapsOrphans);

// Without a cgroup nothing in the kernel says any more whose it was.
test("what gave up session, environment and parents before anybody looked is a stray, and ended as such", async () => {
  const cwd = tempFolder();
  const pidFile = join(cwd, "pid");
  const sleeps = "sh -c 'trap \"\" TERM; echo $$ > pid; exec sleep 300'";
  const { handle, exited } = launch({ cwd, args: ["-c", `(env -i setsid ${sleeps} &); while [ ! -s pid ]; do sleep 0.01; done`] });
  await exited;
  const stray = Number(readFileSync(pidFile, "utf8"));
  expect(handle.alive()).toBe(false);
  await expect.poll(strays, { timeout: 10_000 }).toEqual([{ pid: stray, name: "sleep" }]);
  expect(await endStrays(100)).toEqual([{ pid: stray, name: "sleep" }]);
  expect({ strays: strays(), lives: lives(stray) }).toEqual({ strays: [], lives: false });
});
