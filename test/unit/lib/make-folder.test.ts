import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, makeFolderNow } from "../../../src/lib/make-folder.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const WAYS = { "off the loop": makeFolder, "at once": async (path: string, mode: number): Promise<void> => makeFolderNow(path, mode) };

describe.each(Object.entries(WAYS))("a folder is made %s", (_, make) => {
  test("with those above it that are missing, each with the mode; one that is there stays as it is", async () => {
    const folder = tempFolder();
    await make(join(folder, "a/b/c"), 0o710);
    for (const path of ["a", "a/b", "a/b/c"]) expect(statSync(join(folder, path)).mode & 0o777).toBe(0o710);
    await make(join(folder, "a/b"), 0o700);
    expect(statSync(join(folder, "a/b")).mode & 0o777).toBe(0o710);
  });

  test("and is refused where a file is, or above it, and where the file system takes none", async () => {
    const file = join(tempFolder(), "file");
    writeFileSync(file, "");
    await expect(make(file, 0o700)).rejects.toMatchObject({ code: "EEXIST" });
    await expect(make(join(file, "below"), 0o700)).rejects.toMatchObject({ code: "ENOTDIR" });
    await expect(make("/proc/none/below", 0o700)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
