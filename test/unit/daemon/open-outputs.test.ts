import { expect, test } from "vitest";
import { OpenOutputs } from "../../../src/daemon/open-outputs.ts";
import type { LaunchPlan, ProcessListener } from "../../../src/process/launcher.ts";
import { FakeLauncher } from "../../support/fake-launcher.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const LISTENER: ProcessListener = { started: () => {}, refused: () => {}, output: () => {}, exited: () => {}, outputEnded: () => {} };

function rig() {
  const fake = new FakeLauncher(new VirtualClock());
  const outputs = new OpenOutputs(fake);
  const launch = (instance: string): void => {
    const plan: LaunchPlan = { instance, program: "/bin/true", args: [], env: {}, cwd: "/", stdin: undefined };
    outputs.launch(plan, LISTENER);
  };
  let ended = false;
  const wait = (timeoutMs: number): Promise<void> =>
    outputs.whenEnded(timeoutMs).then(() => {
      ended = true;
    });
  return { fake, outputs, launch, wait, hasEnded: () => ended };
}

test("the end is waited for until the last output has ended, whatever has exited", async () => {
  const { fake, launch, wait, hasEnded } = rig();
  for (const name of ["g@a", "g@b"]) launch(name);
  const waited = wait(20_000);
  fake.exit("g@a");
  fake.last("g@b").listener.exited({ kind: "code", code: 0 });
  await Promise.resolve();
  expect(hasEnded()).toBe(false);
  fake.last("g@b").listener.outputEnded();
  await waited;
  expect(hasEnded()).toBe(true);
});

test("an output that does not end is not waited for without limit, and none at all not", async () => {
  const { launch, outputs } = rig();
  await outputs.whenEnded(20_000);
  launch("g@a");
  await outputs.whenEnded(20);
});
