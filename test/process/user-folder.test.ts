import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeUserFolder, removeUserFolder } from "../../src/process/user-folder.ts";
import { tempFolder } from "../support/temp-folder.ts";

const IS_ROOT = process.getuid?.() === 0;
const NOBODY = { uid: 65_534, gid: 65_534 };
const DAEMON = { uid: 1, gid: 1 };

/** Stands for /run/user, and a file elsewhere that must not be touched. */
function ground() {
  const folder = tempFolder();
  const other = join(folder, "other");
  mkdirSync(other);
  writeFileSync(join(other, "file"), "whole");
  return { above: join(folder, "user"), other, path: join(folder, "user", String(NOBODY.uid)) };
}

test.skipIf(!IS_ROOT)("a runtime folder is its user's own, mode 0700, whatever the umask, and made once", () => {
  const { above, path } = ground();
  const umask = process.umask(0o277);
  const made = makeUserFolder(NOBODY, above);
  process.umask(umask);
  expect(made).toEqual({ path, isNew: true });
  const { uid, gid, mode } = statSync(path);
  expect([uid, gid, mode & 0o7777, statSync(above).mode & 0o777]).toEqual([NOBODY.uid, NOBODY.gid, 0o700, 0o755]);
  writeFileSync(join(path, "kept"), "");
  chmodSync(path, 0o755);
  expect(makeUserFolder(NOBODY, above)).toEqual({ path, isNew: false });
  expect([readdirSync(path), statSync(path).mode & 0o7777]).toEqual([["kept"], 0o700]);
});

test.skipIf(!IS_ROOT)("a link in its place is not followed, and what belongs to another is refused", () => {
  const { above, other, path } = ground();
  mkdirSync(above);
  symlinkSync(other, path);
  expect(makeUserFolder(NOBODY, above)).toMatchObject({ failure: expect.stringContaining(path) });
  expect(statSync(other).uid).toBe(0);
  mkdirSync(join(above, "1"));
  chownSync(join(above, "1"), NOBODY.uid, NOBODY.gid);
  expect(makeUserFolder(DAEMON, above)).toEqual({ failure: `${join(above, "1")} belongs to uid ${NOBODY.uid}` });
});

test.skipIf(!IS_ROOT)("nothing is made where others than root may put things", () => {
  const { above, other } = ground();
  mkdirSync(above);
  chmodSync(above, 0o777);
  expect(makeUserFolder(NOBODY, above)).toMatchObject({ failure: expect.stringContaining("only root can write to") });
  symlinkSync(other, join(other, "link"));
  expect(makeUserFolder(NOBODY, join(other, "link"))).toMatchObject({ failure: expect.stringContaining("only root can write to") });
  expect(readdirSync(above)).toEqual([]);
});

test.skipIf(!IS_ROOT)("its removal takes all that is in it, and follows no link out of it", async () => {
  const { above, other, path } = ground();
  makeUserFolder(NOBODY, above);
  mkdirSync(join(path, "deep", "er"), { recursive: true });
  mkdirSync(join(path, "closed"), { mode: 0 });
  for (const file of ["a", "deep/b", "deep/er/c"]) writeFileSync(join(path, file), "");
  writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0xff, 0x0a])]), "");
  symlinkSync(other, join(path, "out"));
  symlinkSync(join(other, "file"), join(path, "deep", "out"));
  expect(await removeUserFolder(NOBODY.uid, above)).toBeUndefined();
  expect([readdirSync(above), readFileSync(join(other, "file"), "utf8")]).toEqual([[], "whole"]);
});

test.skipIf(!IS_ROOT)("its name is free at once, for one that is made meanwhile", async () => {
  const { above, path } = ground();
  makeUserFolder(NOBODY, above);
  writeFileSync(join(path, "old"), "");
  const removal = removeUserFolder(NOBODY.uid, above);
  expect(existsSync(path)).toBe(false);
  makeUserFolder(NOBODY, above);
  writeFileSync(join(path, "new"), "");
  expect(await removal).toBeUndefined();
  expect([readdirSync(above), readdirSync(path)]).toEqual([[String(NOBODY.uid)], ["new"]]);
});

test.skipIf(!IS_ROOT)("what is nested too deep is left, with a word, and what is not there is no failure", async () => {
  const { above, path } = ground();
  expect(await removeUserFolder(NOBODY.uid, above)).toBeUndefined();
  makeUserFolder(NOBODY, above);
  mkdirSync(join(path, ...Array.from({ length: 80 }, () => "d")), { recursive: true });
  expect(await removeUserFolder(NOBODY.uid, above)).toMatch(/^.* is left: /);
  expect(readdirSync(above).map((name) => lstatSync(join(above, name)).isDirectory())).toEqual([true]);
});
