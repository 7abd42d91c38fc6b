import { beforeAll, expect, test } from "vitest";
import { gone, launch } from "../support/launch.ts";
import { reapsOrphans } from "../support/reaps-orphans.ts";

beforeAll(reapsOrphans);

// Alone in its file: the timers of other tests would count.
test("what is left is waited for without a timer: the kernel tells its end", async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
  const { handle, exited, line } = launch({ args: ["-c", "(setsid sleep 300 &); echo up"] });
  await line("up");
  await exited;
  const before = timers();
  const left = gone(handle);
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(timers()).toBe(before);
  handle.signal("SIGTERM");
  await left;
});
