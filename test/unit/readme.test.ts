import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { METHODS } from "../../src/control/methods.ts";
import { ExitCode } from "../../src/errors/exit-code.ts";
import { withTables } from "../support/reference-tables.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

function section(title: string): string {
  return readme.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? "";
}

test("the README has every key of unit files and every command with its options as the code has them (npm run schema)", () => {
  expect(withTables(readme)).toBe(readme);
  for (const table of [
    "keys of state",
    "keys of signal",
    "keys of service",
    "keys of variable",
    "keys of settings",
    "keys of permission",
    "keys of mount",
    "keys of network",
    "conditions",
    "hooks",
    "commands",
  ]) {
    expect(readme).toContain(`<!-- table: ${table} -->`);
  }
});

test("the README has every method of the protocol, and no other", () => {
  const named = [...section("Control protocol").matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(
    ([, cell = ""]) => cell.match(/[a-z]+\.[a-z_]+/g) ?? [],
  );
  expect(named.toSorted()).toEqual(Object.keys(METHODS).toSorted());
});

test("the README has every exit code, and no other", () => {
  const named = [...section("Commands").matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(named.toSorted((a, b) => a - b)).toEqual(Object.values(ExitCode).toSorted((a, b) => a - b));
});
