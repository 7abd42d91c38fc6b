import { beforeAll, expect, test } from "vitest";
import { gone, launch } from "../support/launch.ts";
import { reapsOrphans } from "../support/reaps-orphans.ts";

beforeAll(reapsOrphans);

test("the end of what is left is told when it comes, and not when it is looked for", async () => {
  const { handle, exited, line } = launch({ args: ["-c", "(setsid sleep 300 &); echo up"] });
  await line("up");
  await exited;
  const left = gone(handle);
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  const start = performance.now();
  handle.signal("SIGTERM");
  await left;
  expect(performance.now() - start).toBeLessThan(5_000);
});
