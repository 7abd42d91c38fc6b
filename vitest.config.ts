import { defineConfig } from "vitest/config";

/** `built`: what its tests need to have been built before. */
function project(name: string, { built }: { built?: "program" | "native" } = {}) {
  return {
    extends: true as const,
    test: { name, include: [`test/${name}/**/*.test.ts`], globalSetup: built === undefined ? [] : [`test/support/build-${built}.ts`] },
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
    projects: [project("unit"), project("flow"), project("process", { built: "native" }), project("cli", { built: "program" })],
  },
});
