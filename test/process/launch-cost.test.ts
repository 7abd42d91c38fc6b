import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, test } from "vitest";
import { nativeProgram } from "../support/native-program.ts";

const run = promisify(execFile);
const TRACES = spawnSync("strace", ["-qq", "-o", "/dev/null", "true"]).status === 0;

/** Of the main thread, from asking for a process to the end of its output, its own end included. */
const CALLS_A_LAUNCH = 40;

let folder: string;
let program: string;

beforeEach(async () => {
  ({ folder, program } = await nativeProgram("launches.ts"));
});

test("a launch costs the same however many descriptors the daemon has", { timeout: 120_000 }, async () => {
  const { stdout } = await run(process.execPath, [program, "descriptors"]);
  // Each descriptor was copied and closed once: that was three times as much.
  expect(Number(stdout)).toBeLessThan(1.8);
});

describe.skipIf(!TRACES)(`traced${TRACES ? "" : ": skipped, there is no strace that works"}`, () => {
  /** How many system calls the thread of JavaScript makes for so many launches. */
  async function callsFor(launches: number): Promise<number> {
    const file = join(folder, `calls-${launches}`);
    await run("strace", ["-f", "-qq", "-o", file, process.execPath, program, "launch", String(launches)]);
    const lines = readFileSync(file, "utf8").split("\n");
    const main = `${lines[0]?.split(" ")[0] ?? ""} `;
    // A call that another thread comes between is in two lines.
    return lines.filter((line) => line.startsWith(main) && !line.includes("resumed>") && !line.includes("--- SIG")).length;
  }

  test("a launch takes few system calls of the thread that runs JavaScript", { timeout: 120_000 }, async () => {
    const few = await callsFor(20);
    const calls = ((await callsFor(220)) - few) / 200;
    expect(calls).toBeLessThan(CALLS_A_LAUNCH);
  });

  test.each([
    ["without close_range(2)", ["close_range"]],
    ["without clone3(2)", ["clone3"]],
    ["without both", ["close_range", "clone3"]],
  ])("%s a process has no descriptor and no ignored signal of the daemon's either", { timeout: 120_000 }, async (_, calls) => {
    const injections = calls.flatMap((call) => ["-e", `inject=${call}:error=ENOSYS`]);
    const { stdout } = await run("strace", [
      "-f",
      "-qq",
      "-o",
      "/dev/null",
      "-e",
      `trace=${calls.join(",")}`,
      ...injections,
      process.execPath,
      program,
      "found",
    ]);
    expect(stdout.trim().split("\n")).toEqual(["0", "1", "2", "3", "SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"]);
  });
});
