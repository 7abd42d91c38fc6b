import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeResolvConf } from "../../../src/network/resolv-conf.ts";
import { tempFolder } from "../../support/temp-folder.ts";

test("name servers take the place of what was there, which is kept once, and said", () => {
  const path = join(tempFolder(), "resolv.conf");
  const said: string[] = [];
  const say = (message: string): void => void said.push(message);
  writeFileSync(path, "nameserver 9.9.9.9\n");

  writeResolvConf(path, ["10.0.0.1"], say);
  writeResolvConf(path, ["10.0.0.1", "fd00::1"], say);

  expect(readFileSync(path, "utf8")).toBe("# made by Rind: the name servers of its units\nnameserver 10.0.0.1\nnameserver fd00::1\n");
  expect(readFileSync(`${path}.before-rind`, "utf8")).toBe("nameserver 9.9.9.9\n");
  expect(said).toEqual([`${path} was replaced; what it held is in ${path}.before-rind`]);
});

test("where nothing was there, nothing is kept", () => {
  const path = join(tempFolder(), "resolv.conf");
  writeResolvConf(path, ["10.0.0.1"], () => {});
  expect(existsSync(`${path}.before-rind`)).toBe(false);
});
