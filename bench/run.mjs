/**
 * Runs the benches one after the other, each in a process of its own, so that none measures the heap of another, and prints at the end what the README shows.
 *
 * `npm run bench`            all of them
 * `npm run bench -- emit`    those whose path contains a word given
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { createInterface } from "node:readline";
import { buildBenches } from "../esbuild.config.mjs";
import { tables } from "./tables.mjs";

const OUT = "dist/bench";

const words = process.argv.slice(2);
const benches = (await buildBenches()).map((path) => ({ path, name: relative(OUT, path).replace(/\.bench\.js$/, "") }));
const chosen = benches.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
// What lies above may say that scripts are none.
writeFileSync(`${OUT}/package.json`, '{ "type": "module" }\n');
if (chosen.length === 0) {
  console.error(`no bench ${words.length === 0 ? "is there" : `is called so; there are: ${benches.map(({ name }) => name).join(", ")}`}`);
  process.exitCode = 1;
}

const results = [];
for (const { path, name } of chosen) {
  console.log(`\n# ${name}`);
  if ((await run(path)) !== 0) process.exitCode = 1;
}
const shown = tables(results);
if (shown !== "") console.log(`\n${shown}`);

/** Runs one bench, shows what it prints, and keeps its results; resolves to its exit code. */
async function run(path) {
  // Benches ask for a clean heap before they weigh it. One more authority in the environment costs every Node that is started a tenth of a second.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const bench = spawn(process.execPath, ["--expose-gc", path], { env, stdio: ["inherit", "pipe", "inherit"] });
  const ended = new Promise((resolve) => bench.once("exit", resolve));
  for await (const line of createInterface({ input: bench.stdout })) {
    console.log(line);
    if (line.startsWith('{"bench":')) results.push(JSON.parse(line));
  }
  return ended;
}
