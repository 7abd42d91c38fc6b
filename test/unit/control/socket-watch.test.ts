import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { watchSocket } from "../../../src/control/socket-watch.ts";
import { tempFolder } from "../../support/temp-folder.ts";

function watched(path: string) {
  const watch = watchSocket(path);
  onTestFinished(() => watch.close());
  return watch;
}

test("a socket that is made is told, also where nobody waited yet", async () => {
  const path = join(tempFolder(), "s");
  const watch = watched(path);
  const first = watch.changed();
  writeFileSync(path, "");
  expect(await first).toBe(true);
  rmSync(path);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await watch.changed()).toBe(true);
});

test("other files of its folder are nothing to it", async () => {
  const folder = tempFolder();
  const watch = watched(join(folder, "s"));
  const changed = watch.changed();
  writeFileSync(join(folder, "other"), "");
  const other = new Promise((resolve) => setTimeout(resolve, 50, "nothing"));
  expect(await Promise.race([changed, other])).toBe("nothing");
});

test("where its folder is missing or goes, a clock has to tell", async () => {
  const folder = join(tempFolder(), "run");
  expect(await watched(join(folder, "s")).changed()).toBe(false);
  mkdirSync(folder);
  const watch = watched(join(folder, "s"));
  const changed = watch.changed();
  rmSync(folder, { recursive: true });
  expect(await changed).toBe(false);
});

test("who waits is let go when it is closed", async () => {
  const watch = watched(join(tempFolder(), "s"));
  const changed = watch.changed();
  watch.close();
  expect(await changed).toBe(false);
});
