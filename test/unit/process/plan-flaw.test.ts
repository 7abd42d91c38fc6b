import { expect, test } from "vitest";
import type { LaunchPlan } from "../../../src/process/launcher.ts";
import { MAX_STRING_BYTES, planFlaw } from "../../../src/process/plan-flaw.ts";

function flaw(change: Partial<LaunchPlan>): string | undefined {
  return planFlaw({ instance: "web@api", program: "sh", args: [], env: {}, cwd: "/", stdin: undefined, ...change })?.message;
}

test("a NUL byte is refused wherever it stands, never cut off", () => {
  expect(flaw({ args: ["fine", "a\0b"] })).toBe("argument 2 holds a NUL byte, which no program can be given");
  expect(flaw({ env: { A: "a\0b" } })).toBe('the environment variable "A" holds a NUL byte, which no program can be given');
  expect(flaw({ program: "a\0b" })).toBe("the program holds a NUL byte, which no program can be given");
  expect(flaw({ cwd: "/a\0b" })).toBe("its folder holds a NUL byte, which no program can be given");
  expect(flaw({ stdin: "/a\0b" })).toBe("its stdin holds a NUL byte, which no program can be given");
});

test("a name that the environment cannot hold is refused", () => {
  expect(flaw({ env: { "A=B": "" } })).toBe('"A=B" cannot name an environment variable');
  expect(flaw({ env: { "": "" } })).toBe('"" cannot name an environment variable');
  expect(flaw({ env: { "a-b.c": "" } })).toBeUndefined();
});

test("a text longer than the kernel takes is refused with its size in bytes", () => {
  expect(flaw({ args: ["x".repeat(MAX_STRING_BYTES)] })).toBeUndefined();
  expect(flaw({ args: ["€".repeat(50_000)] })).toBe(
    "argument 1 has 150000 bytes; the kernel takes at most 131071: hand large data over in a file",
  );
  expect(flaw({ env: { A: "x".repeat(MAX_STRING_BYTES - 1) } })).toBe(
    'the environment variable "A" has 131072 bytes; the kernel takes at most 131071: hand large data over in a file',
  );
});
