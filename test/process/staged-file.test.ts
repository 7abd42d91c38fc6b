import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { clearStaged, stageFile, stageRemoval } from "../../src/persist/staged-file.ts";
import { tempFolder } from "../support/temp-folder.ts";

test("a staged file is seen under its name only when it is committed, and only its owner may read it", async () => {
  const folder = join(tempFolder(), "new");
  const path = join(folder, "a.toml");
  const staged = await stageFile(path, "text");
  expect(readdirSync(folder).filter((name) => !name.startsWith("."))).toEqual([]);
  await staged.commit();
  expect(readdirSync(folder)).toEqual(["a.toml"]);
  expect(readFileSync(path, "utf8")).toBe("text");
  expect([statSync(path).mode & 0o777, statSync(folder).mode & 0o777]).toEqual([0o600, 0o700]);
});

test("a staged file that is discarded leaves what was there before, and nothing else", async () => {
  const folder = tempFolder();
  const path = join(folder, "a.toml");
  writeFileSync(path, "before");
  await (await stageFile(path, "after")).discard();
  expect(readdirSync(folder)).toEqual(["a.toml"]);
  expect(readFileSync(path, "utf8")).toBe("before");
});

test.each([
  ["the path is a folder", "folder"],
  ["its folder is a file", "file/a.toml"],
])("where %s nothing is staged", async (_, name) => {
  const folder = tempFolder();
  mkdirSync(join(folder, "folder"));
  writeFileSync(join(folder, "file"), "");
  await expect(stageFile(join(folder, name), "text")).rejects.toMatchObject({ code: "RIND_FILE_NOT_WRITTEN" });
  expect(readdirSync(folder).sort()).toEqual(["file", "folder"]);
});

test("files are taken away together; what is not there is away already", async () => {
  const folder = tempFolder();
  for (const name of ["a", "b", "c"]) writeFileSync(join(folder, name), name);
  const staged = await stageRemoval(["a", "b", "none"].map((name) => join(folder, name)));
  expect(readdirSync(folder).filter((name) => !name.startsWith("."))).toEqual(["c"]);
  await staged.commit();
  expect(readdirSync(folder)).toEqual(["c"]);
});

test("where one of them cannot be taken away all stay", async () => {
  const folder = tempFolder();
  for (const name of ["a", "b"]) writeFileSync(join(folder, name), name);
  await expect(stageRemoval([join(folder, "a"), join(folder, "b", "below")])).rejects.toMatchObject({ code: "RIND_FILE_NOT_WRITTEN" });
  expect(readdirSync(folder)).toEqual(["a", "b"]);
});

test("what a daemon that died has left half done is cleared away", async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, "kept.toml"), "kept");
  writeFileSync(join(folder, "gone.toml"), "gone");
  await stageFile(join(folder, "half.toml"), "half");
  await stageRemoval([join(folder, "gone.toml")]);
  clearStaged(folder);
  expect(readdirSync(folder)).toEqual(["kept.toml"]);
  clearStaged(join(folder, "none"));
});
