/**
 * Runs the benches one after the other, each in a process of its own, so that none measures the heap of another.
 *
 * `npm run bench`            all of them
 * `npm run bench -- emit`    those whose path contains a word given
 */
import { spawnSync } from "node:child_process";
import { relative } from "node:path";
import { buildBenches } from "../esbuild.config.mjs";

const words = process.argv.slice(2);
const benches = (await buildBenches()).map((path) => ({ path, name: relative("dist/bench", path).replace(/\.bench\.js$/, "") }));
const chosen = benches.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (chosen.length === 0) {
  console.error(`no bench ${words.length === 0 ? "is there" : `is called so; there are: ${benches.map(({ name }) => name).join(", ")}`}`);
  process.exitCode = 1;
}

for (const { path, name } of chosen) {
  console.log(`\n# ${name}`);
  // Benches ask for a clean heap before they weigh it.
  const { status } = spawnSync(process.execPath, ["--expose-gc", path], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
