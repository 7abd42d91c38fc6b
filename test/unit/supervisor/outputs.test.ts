import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LogRing } from "../../../src/log/log-ring.ts";
import { Outputs, runFileName } from "../../../src/supervisor/outputs.ts";
import { LOG } from "../../support/decls.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const CHUNK = Buffer.alloc(64 * 1_024, "x");

function rig() {
  const folder = tempFolder();
  const ring = new LogRing(() => 0);
  const outputs = new Outputs({ ring, log: quietLog(), clock: new VirtualClock() });
  onTestFinished(() => outputs.close());
  return {
    folder,
    ring,
    outputs,
    /** A process that prints to a file of its own; `held`: its streams that are not read. */
    process: (instance: string, logFolder?: string) => {
      const held = new Set<string>();
      const output = outputs.open({
        instance,
        log: { ...LOG, file: join(folder, `${instance}.log`) },
        logFolder,
        lineReader: () => undefined,
      });
      output.from({ pauseOutput: (stream) => void held.add(stream), resumeOutput: (stream) => void held.delete(stream) });
      return { output, held };
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error("10 seconds went by");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("a file that is behind holds up the process that prints to it, and nobody else, until it has caught up", async () => {
  const r = rig();
  const fast = r.process("g@fast");
  const other = r.process("g@other");
  for (let i = 0; i < 20; i++) fast.output.output("stdout", CHUNK);
  other.output.output("stdout", CHUNK);
  expect([...fast.held].sort()).toEqual(["stderr", "stdout"]);
  expect(other.held.size).toBe(0);
  await until(() => fast.held.size === 0);
  fast.output.ended();
  await r.outputs.close();
  expect(readFileSync(join(r.folder, "g@fast.log")).length).toBe(20 * CHUNK.length);
});

test("a process that prints to two files is held up until both have caught up, and both get all of it", async () => {
  const r = rig();
  const { output, held } = r.process("g@s", join(r.folder, "runs"));
  for (let i = 0; i < 20; i++) output.output("stdout", CHUNK);
  expect(held.size).toBe(2);
  await until(() => held.size === 0);
  output.ended();
  await r.outputs.close();
  const one = readFileSync(join(r.folder, "g@s.log"));
  expect(readFileSync(join(r.folder, "runs/logs-0/g@s.txt")).equals(one)).toBe(true);
  expect(one.length).toBe(20 * CHUNK.length);
});

test("at the end nobody is held up: what is left in the pipes of processes that are gone is taken", async () => {
  const r = rig();
  const { output, held } = r.process("g@s");
  for (let i = 0; i < 20; i++) output.output("stdout", CHUNK);
  r.outputs.takeLastBytes();
  expect(held.size).toBe(0);
  output.output("stdout", CHUNK);
  expect(held.size).toBe(0);
  output.ended();
  await r.outputs.close();
  expect(readFileSync(join(r.folder, "g@s.log")).length).toBe(21 * CHUNK.length);
});

test("a process that never was leaves no file", async () => {
  const r = rig();
  r.process("g@s", join(r.folder, "runs")).output.ended();
  await r.outputs.close();
  expect(readdirSync(r.folder)).toEqual([]);
});

test("the file of an instance is named after its service and its key, whatever that is", () => {
  expect(runFileName("g@s")).toBe("g@s.txt");
  expect(runFileName("g@s/a/b c")).toBe("g@s_a%2Fb%20c.txt");
  expect(runFileName("g@s/..")).toBe("g@s_...txt");
  expect(runFileName("g@s/\ud800")).toBe("g@s_%EF%BF%BD.txt");
});

test("a key that no file name has room for is cut, and still is another than any other", () => {
  const names = ["a", "b"].map((end) => runFileName(`g@s/${"x".repeat(300)}${end}`));
  expect(names.map(({ length }) => length)).toEqual([255, 255]);
  expect(new Set(names).size).toBe(2);
});
