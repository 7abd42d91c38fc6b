import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/** Builds `programs/sends.c` for the tests of one file; returns where it will be. */
export function buildsSends(): string {
  const folder = mkdtempSync(join(tmpdir(), "rind-test-"));
  const path = join(folder, "sends");
  beforeAll(() => void execFileSync("cc", ["-o", path, join(import.meta.dirname, "programs/sends.c")], { stdio: "inherit" }));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return path;
}
