import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFAULT_PATH, findProgram, folderObstacle } from "../../../src/process/find-program.ts";
import { tempFolder } from "../../support/temp-folder.ts";

function rig() {
  const folder = tempFolder();
  mkdirSync(join(folder, "a"));
  mkdirSync(join(folder, "b"));
  return {
    folder,
    path: `${folder}/a:${folder}/b`,
    put: (name: string, text: string, mode = 0o755) => {
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), mode);
    },
    find: (program: string, searchPath?: string) => {
      const found = findProgram(program, searchPath, folder);
      return found.ok ? found.path : `${found.failure.kind}: ${found.failure.message}`;
    },
  };
}

const SCRIPT = "#!/bin/sh\n";

test("a name is looked up in the folders of PATH, in order", () => {
  const { folder, path, put, find } = rig();
  put("b/tool", SCRIPT);
  expect(find("tool", path)).toBe(`${folder}/b/tool`);
  put("a/tool", SCRIPT);
  expect(find("tool", path)).toBe(`${folder}/a/tool`);
});

test("a folder of PATH that is relative, or empty, is taken from the folder of the service", () => {
  const { folder, put, find } = rig();
  put("a/tool", SCRIPT);
  put("here", SCRIPT);
  expect(find("tool", "a")).toBe(`${folder}/a/tool`);
  expect(find("here", "/nowhere::/bin")).toBe(`${folder}/here`);
});

test("a path is taken from the folder of the service", () => {
  const { folder, put, find } = rig();
  put("a/tool", SCRIPT);
  expect(find("./a/tool", "/nowhere")).toBe(`${folder}/a/tool`);
});

test("without PATH the usual folders are searched", () => {
  const { find } = rig();
  expect(find("sh")).toMatch(/^\/(usr\/)?bin\/sh$/);
  expect(find("no-such-tool")).toBe(
    `not-found: there is no program "no-such-tool" in the default PATH (${DEFAULT_PATH}): write its full path, or set PATH in run.env`,
  );
});

test("a program that is nowhere is told with where it was looked for", () => {
  const { folder, path, find } = rig();
  expect(find("tool", path)).toBe(`not-found: there is no program "tool" in PATH (${path}): write its full path, or set PATH in run.env`);
  expect(find("./tool")).toBe(`not-found: there is no program ${folder}/tool`);
  expect(find("")).toBe("bad-plan: the program has no name: write the path of a program, or its name to be looked up in PATH");
});

test("what is not executable is passed over for a later folder, and told where there is none", () => {
  const { folder, path, put, find } = rig();
  put("a/tool", SCRIPT, 0o644);
  expect(find("tool", path)).toBe(
    `not-permitted: ${folder}/a/tool is not executable: give it the right "x" (chmod +x), or run it by its interpreter`,
  );
  put("b/tool", SCRIPT);
  expect(find("tool", path)).toBe(`${folder}/b/tool`);
});

test("a folder is no program", () => {
  const { folder, find } = rig();
  expect(find("./a")).toBe(`not-permitted: ${folder}/a is a folder, not a program`);
});

test("a script without a first line is refused before a shell can guess", () => {
  const { folder, put, find } = rig();
  put("tool", "echo hello\n");
  expect(find("./tool")).toBe(
    `bad-plan: ${folder}/tool is neither a program nor a script with a first line such as "#!/bin/sh": add that line, or use run.shell`,
  );
});

test("a program for another machine is refused before a shell can read it as a script", () => {
  const { folder, put, find } = rig();
  put("foreign", `\x7fELF\x02\x01\x01${"\0".repeat(11)}\x16\0`);
  expect(find("./foreign")).toBe(`bad-plan: ${folder}/foreign is a program for another kind of machine than this one (${process.arch})`);
});

test("a script whose interpreter is missing is told so, and so is the carriage return behind it", () => {
  const { folder, put, find } = rig();
  put("tool", "#!/no/such/shell -x\n");
  expect(find("./tool")).toBe(`not-found: ${folder}/tool asks in its first line for the interpreter "/no/such/shell", which cannot be run`);
  put("tool", "#! /bin/sh\r\necho\r\n");
  expect(find("./tool")).toBe(
    `not-found: ${folder}/tool asks in its first line for the interpreter "/bin/sh\\r", which cannot be run: its lines end as on Windows, with a carriage return`,
  );
});

test("a folder that is missing, or is none, is told as such", () => {
  const { folder, put } = rig();
  put("file", "");
  expect(folderObstacle(join(folder, "a"))).toBeUndefined();
  expect(folderObstacle(join(folder, "c"))).toEqual({
    kind: "not-found",
    message: `its folder ${folder}/c does not exist: make it, or set run.cwd to another`,
  });
  expect(folderObstacle(join(folder, "file"))).toEqual({
    kind: "not-found",
    message: `its folder ${folder}/file is not a folder: set run.cwd to one`,
  });
});
