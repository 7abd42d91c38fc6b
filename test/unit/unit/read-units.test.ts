import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { formatDiagnostic } from "../../../src/errors/unit-error.ts";
import { loadUnits } from "../../../src/unit/load.ts";

const STATE = '[[state]]\nname = "x"\n';

/** A folder with these files; goes with the test. */
function folder(files: Readonly<Record<string, string | Buffer>>): string {
  const root = mkdtempSync(join(tmpdir(), "rind-units-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

const load = (cwd: string, ...path: string[]) => loadUnits({ path: path.length === 0 ? ["."] : path, strict: false, env: {}, cwd });
const told = async (cwd: string, ...path: string[]) => (await load(cwd, ...path)).diagnostics.map(formatDiagnostic);
const names = async (cwd: string, ...path: string[]) => (await load(cwd, ...path)).units?.states.map(({ name }) => name);

test("a folder that does not exist is an error", async () => {
  expect(await told(folder({}), "nowhere")).toEqual(["nowhere:1:1: this folder does not exist (create it, or name another)"]);
});

test("a file in the place of a folder is an error", async () => {
  expect(await told(folder({ "a.toml": STATE }), "a.toml")).toEqual([
    "a.toml:1:1: this is no folder (units are the .toml files of a folder)",
  ]);
});

test("files that cannot be read are errors, and the others are still checked", async () => {
  const root = folder({ "b.toml": "x = ", "my units.toml": STATE, "latin.toml": Buffer.from('[[state]]\nname = "\xe4"\n', "latin1") });
  mkdirSync(join(root, "a.toml"));
  symlinkSync("nowhere", join(root, "link.toml"));
  symlinkSync("loop.toml", join(root, "loop.toml"));
  symlinkSync("/proc/self/mem", join(root, "mem.toml"));
  symlinkSync("/dev/zero", join(root, "zero.toml"));
  expect(await told(root)).toEqual([
    "a.toml:1:1: this is a folder, not a file (units lie in GROUP.toml and GROUP.d/*.toml)",
    "b.toml:1:5: this is no TOML: invalid value (text goes in quotes)",
    "latin.toml:2:9: this is no UTF-8 (save the file as UTF-8)",
    "link.toml:1:1: this file cannot be read: it does not exist (a link that leads nowhere)",
    "loop.toml:1:1: this file cannot be read: its links lead in a circle",
    "mem.toml:1:1: this file cannot be read: EIO",
    'my units.toml:1:1: "my units" is no name for a group (letters, digits, "_", "." and "-", not beginning with "." or "-")',
    "zero.toml:1:1: this is no plain file",
  ]);
});

test.skipIf(process.getuid?.() === 0)("a file without the right to read it is an error", async () => {
  const root = folder({ "a.toml": STATE });
  chmodSync(join(root, "a.toml"), 0);
  expect(await told(root)).toEqual(["a.toml:1:1: this file cannot be read: permission denied"]);
});

test("a unit file of 10 MB is an error, and not read", async () => {
  const root = folder({ "big.toml": Buffer.alloc(10_000_000, "#\n") });
  expect(await told(root)).toEqual([
    "big.toml:1:1: this file has 10000000 bytes, more than a unit file may have (at most 8 MiB; divide it)",
  ]);
});

test("a file of 8 MiB is read", async () => {
  const root = folder({ "big.toml": `${STATE}#${"x".repeat(8 * 1024 * 1024 - STATE.length - 1)}` });
  expect(await names(root)).toEqual(["big@x"]);
});

test("hidden files, other files and a byte order mark do no harm", async () => {
  const root = folder({ "a.toml": `\ufeff${STATE}`, ".b.toml": "x = ", "c.toml~": "x = ", "bin/d.toml": "x = ", "README.md": "x" });
  symlinkSync("nowhere", join(root, ".#a.toml"));
  expect(await names(root)).toEqual(["a@x"]);
  expect((await told(folder({ "a.toml": "\ufeff[[sevice]]" })))[0]).toMatch(/^a\.toml:1:3: /);
});

test("a later folder replaces the file of a group, and drop-ins of all folders apply last, in the order of their names", async () => {
  const root = folder({
    "one/a.toml": `${STATE}[[variable]]\nname = "v"\ndefault = "one"\n`,
    "one/b.toml": STATE,
    "two/a.toml": '[[state]]\nname = "y"\n[[variable]]\nname = "v"\ndefault = "two"\n',
    "one/a.d/20.toml": '[[variable]]\nname = "v"\ndefault = "20"\n',
    "two/a.d/10.toml": '[[variable]]\nname = "v"\ndefault = "10"\nenv = "V"\n',
    "two/c.d/x.toml": STATE,
  });
  expect(await names(root, "one", "two")).toEqual(["a@y", "b@x", "c@x"]);
  expect((await load(root, "one", "two")).units?.variables).toEqual([{ name: "a@v", default: "20", env: "V" }]);
});

test("mistakes are told in the order in which the files apply", async () => {
  const root = folder({ "b.toml": "x = ", "a.d/1.toml": "x = ", "c.toml": "x = " });
  expect((await told(root)).map((line) => line.split(":")[0])).toEqual(["b.toml", "c.toml", "a.d/1.toml"]);
});

test("the project is the parent of a folder called flows, else the folder itself", async () => {
  const root = folder({ "flows/a.toml": STATE, "other/a.toml": STATE });
  expect((await load(root, "flows")).project).toBe(root);
  expect((await load(root, "other")).project).toBe(join(root, "other"));
});

test("${git:root} is the nearest folder with a git work tree", async () => {
  const units = '[[service]]\nname = "s"\nrun = { exec = "x", cwd = "${git:root}/y" }\n';
  const root = folder({ "repo/.git/HEAD": "", "repo/sub/flows/a.toml": units, "none/a.toml": units });
  expect((await load(root, "repo/sub/flows")).units?.services[0]?.run.cwd).toBe(join(root, "repo/y"));
  expect(await told(root, "none")).toEqual([`none/a.toml:3:27: "\${git:root}": ${join(root, "none")} lies in no git work tree`]);
});
