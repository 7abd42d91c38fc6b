import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readUpWords } from "../../../src/cli/up-words.ts";
import { tempFolder } from "../../support/temp-folder.ts";

test("the first word of up is the folder where there is such a folder, and a service where there is none", () => {
  const cwd = tempFolder();
  mkdirSync(join(cwd, "units"));
  expect(readUpWords(["units", "web"], cwd)).toEqual({ dir: "units", services: ["web"] });
  expect(readUpWords(["web", "units"], cwd)).toEqual({ dir: undefined, services: ["web", "units"] });
  expect(readUpWords([], cwd)).toEqual({ dir: undefined, services: [] });
});

test("a word that no service can have is a folder, there or not: a path, a list of folders", () => {
  const cwd = tempFolder();
  for (const word of ["./units", "a:b", "/nowhere", "a@b@c"]) expect(readUpWords([word], cwd)).toEqual({ dir: word, services: [] });
  expect(readUpWords(["g@s"], cwd)).toEqual({ dir: undefined, services: ["g@s"] });
});
