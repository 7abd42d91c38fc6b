import { spawn } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bootId, listPids, readProcStat } from "../../../src/lib/proc.ts";
import { tempFolder } from "../../support/temp-folder.ts";

test("a process is told from its successor by its start time, whatever its name holds", async () => {
  const program = join(tempFolder(), "a) R 1 (b");
  copyFileSync("/bin/sleep", program);
  const child = spawn(program, ["60"], { detached: true });
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise((resolve) => child.once("spawn", resolve));

  const own = readProcStat(process.pid);
  const other = readProcStat(child.pid ?? 0);
  expect(other).toMatchObject({ pid: child.pid, group: child.pid });
  expect(other?.startTime).toBeGreaterThan(own?.startTime ?? Number.POSITIVE_INFINITY);
  expect(listPids()).toEqual(expect.arrayContaining([process.pid, child.pid]));
});

test("of a process that is not there nothing is known", () => {
  expect(readProcStat(2 ** 22 + 1)).toBeUndefined();
});

test("the boot id is the same as long as the machine runs", () => {
  expect(bootId()).toMatch(/^[0-9a-f-]{36}-\d+$/);
  expect(bootId()).toBe(bootId());
});
