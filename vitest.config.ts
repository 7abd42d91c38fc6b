import { defineConfig } from "vitest/config";

/** Tests that start the built program need it built first; the others can do without. */
function project(name: string, { built = false } = {}) {
  return {
    extends: true as const,
    test: { name, include: [`test/${name}/**/*.test.ts`], globalSetup: built ? ["test/support/build-program.ts"] : [] },
  };
}

export default defineConfig({
  test: {
    // Threads have no signals and no chdir.
    pool: "forks",
    maxWorkers: 4,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ["./test/support/reporter.ts"],
    projects: [project("unit"), project("flow"), project("process"), project("cli", { built: true })],
  },
});
