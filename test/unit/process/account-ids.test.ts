import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AccountIds } from "../../../src/process/account-ids.ts";
import { tempFolder } from "../../support/temp-folder.ts";

function accounts(passwd: string, group: string) {
  const folder = tempFolder();
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  write("passwd", passwd);
  write("group", group);
  return { ids: new AccountIds(folder), write };
}

test("names of users and groups have the numbers that the files give them", () => {
  const { ids } = accounts("alice:x:1000:1000::/home/alice:/bin/sh\n", "ops:x:27:alice\n");
  expect(ids.uidOf("alice")).toBe(1_000);
  expect(ids.gidOf("ops")).toBe(27);
  expect(ids.uidOf("ops")).toBeUndefined();
  expect(ids.gidOf("alice")).toBeUndefined();
});

test("a number stands for itself, unless somebody bears it as a name", () => {
  const { ids } = accounts("1000:x:2000:1000::/:/bin/sh\n", "");
  expect(ids.uidOf("1000")).toBe(2_000);
  expect(ids.uidOf("4711")).toBe(4_711);
  expect(ids.gidOf("4711")).toBe(4_711);
});

test("what was found counts until the files change", () => {
  const { ids, write } = accounts("alice:x:1000:1000::/:/bin/sh\n", "ops:x:27:\n");
  expect([ids.uidOf("alice"), ids.uidOf("bob"), ids.gidOf("ops")]).toEqual([1_000, undefined, 27]);
  write("passwd", "bob:x:1001:1001::/:/bin/sh\n");
  expect([ids.uidOf("alice"), ids.uidOf("bob")]).toEqual([undefined, 1_001]);
  write("group", "staff:x:50:\n");
  expect(ids.gidOf("ops")).toBeUndefined();
});
