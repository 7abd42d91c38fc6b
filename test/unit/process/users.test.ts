import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lookUpGroup, lookUpUser } from "../../../src/process/users.ts";
import { tempFolder } from "../../support/temp-folder.ts";

function etc(files: { readonly passwd?: string; readonly group?: string }): string {
  const folder = tempFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text);
  return folder;
}

const PASSWD = "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:100:Alice,,,:/home/alice:/bin/zsh\n";
const GROUP = "root:x:0:\nusers:x:100:\naudio:x:29:bob,alice\nvideo:x:44:alice\nusers2:x:100:alice\n";

test("a user has all groups that list them, their own first and each once", () => {
  expect(lookUpUser("alice", etc({ passwd: PASSWD, group: GROUP }))).toEqual({
    name: "alice",
    uid: 1000,
    gid: 100,
    groups: [100, 29, 44],
    home: "/home/alice",
    shell: "/bin/zsh",
  });
});

test("a user is found by number where nobody has it as a name", () => {
  const folder = etc({ passwd: `${PASSWD}1000:x:7:7::/:/bin/sh\n` });
  expect(lookUpUser("0", folder)?.name).toBe("root");
  expect(lookUpUser("1000", folder)?.uid).toBe(7);
});

test("who is in neither file is nobody", () => {
  const folder = etc({ passwd: PASSWD, group: GROUP });
  expect(lookUpUser("bob", folder)).toBeUndefined();
  expect(lookUpUser("1001", folder)).toBeUndefined();
  expect(lookUpUser("", folder)).toBeUndefined();
  expect(lookUpGroup("wheel", folder)).toBeUndefined();
});

test("damaged lines are passed over and the rest counts", () => {
  const folder = etc({
    passwd: `\n# users\n:x:1:1::/:\nmallory\nmallory:x:-1:1::/:/bin/sh\nmallory:x::1::/:/bin/sh\nmallory:x:4294967295:1::/:/bin/sh\nshort:x:5:5\n+::::::\n${PASSWD}`,
    group: "video:x\nvideo:x:zero:alice\n:x:3:alice\nvideo:x:44: alice , bob \n",
  });
  expect(lookUpUser("mallory", folder)).toBeUndefined();
  expect(lookUpUser("short", folder)).toBeUndefined();
  expect(lookUpUser("+", folder)).toBeUndefined();
  expect(lookUpUser("alice", folder)?.groups).toEqual([100, 44]);
});

test("empty fields have the values of passwd(5), and of two with one name the first counts", () => {
  const folder = etc({ passwd: "svc:x:9:9:::\r\nsvc:x:10:10::/other:/bin/false\n" });
  expect(lookUpUser("svc", folder)).toEqual({ name: "svc", uid: 9, gid: 9, groups: [9], home: "/", shell: "/bin/sh" });
});

test("a group is found by name, else by number", () => {
  const folder = etc({ group: `${GROUP}44:x:45:\n` });
  expect(lookUpGroup("audio", folder)).toEqual({ name: "audio", gid: 29 });
  expect(lookUpGroup("29", folder)).toEqual({ name: "audio", gid: 29 });
  expect(lookUpGroup("44", folder)).toEqual({ name: "44", gid: 45 });
});

test("files that are not there know nobody", () => {
  expect(lookUpUser("root", etc({}))).toBeUndefined();
  expect(lookUpGroup("root", etc({}))).toBeUndefined();
});
