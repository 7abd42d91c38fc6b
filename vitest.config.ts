import { defineConfig } from "vitest/config";

/** `built`: what its tests need to have been built before. `alone`: they run when those of the others are over. */
function project(name: string, { built, alone = false }: { built?: "program" | "native" | "image"; alone?: boolean } = {}) {
  return {
    extends: true as const,
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      globalSetup: built === undefined ? [] : [`test/support/build-${built}.ts`],
      sequence: { groupOrder: alone ? 1 : 0 },
      // Machines are emulated: two of them keep two processors busy.
      ...(alone ? { maxWorkers: 2, testTimeout: 300_000, hookTimeout: 300_000 } : {}),
    },
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
    projects: [
      project("unit"),
      project("flow"),
      project("process", { built: "native" }),
      project("cli", { built: "program" }),
      project("boot", { built: "image", alone: true }),
    ],
  },
});
