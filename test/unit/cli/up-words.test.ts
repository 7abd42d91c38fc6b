import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readUpWords } from "../../../src/cli/up-words.ts";
import { tempFolder } from "../../support/temp-folder.ts";

test("the first word of up is the folder where there is such a folder, and a service where there is none", () => {
  const cwd = tempFolder();
  for (const folder of ["units", "flows"]) mkdirSync(join(cwd, folder));
  expect(readUpWords(["units", "web"], cwd, ["flows"])).toEqual({ dir: "units", services: ["web"] });
  expect(readUpWords(["web", "units"], cwd, ["flows"])).toEqual({ dir: undefined, services: ["web", "units"] });
  expect(readUpWords([], cwd, ["flows"])).toEqual({ dir: undefined, services: [] });
});

test("a word that no service can have is a folder, there or not: a path, a list of folders", () => {
  const cwd = tempFolder();
  mkdirSync(join(cwd, "flows"));
  for (const word of ["./units", "a:b", "/nowhere", "a@b@c"])
    expect(readUpWords([word], cwd, ["flows"])).toEqual({ dir: word, services: [] });
  expect(readUpWords(["g@s"], cwd, ["flows"])).toEqual({ dir: undefined, services: ["g@s"] });
});

test("where there is no folder in which a service could be declared, the first word is a folder", () => {
  expect(readUpWords(["nowhere"], tempFolder(), ["flows"])).toEqual({ dir: "nowhere", services: [] });
});
