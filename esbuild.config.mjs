/**
 * Builds `dist/rind.js` and, beside it, the chunks that a command loads only when it needs them (the daemon, the loader of units).
 *
 * `node esbuild.config.mjs`          the program with its native part, and `dist/meta.json`, which says what each file is made of
 * `node esbuild.config.mjs --bench`  every `bench/**` `*.bench.ts` under `dist/bench/`
 *
 * A file whose content is the same is left alone and any other is replaced by a rename, so that a build beside running tests takes
 * nothing away from them.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildNative } from "./src/process/native/build.mjs";

const root = dirname(fileURLToPath(import.meta.url));

/** What every bundle has in common. */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  splitting: true,
  // Without the shortening of names: errors say the name of their class, and stack traces can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "warning",
  // For platform node esbuild takes rxjs as CommonJS, of which nothing can be left out: 143 kB instead of 14.
  alias: { rxjs: join(root, "node_modules/rxjs/dist/esm/index.js") },
  // The packages that are CommonJS ask for node's modules with require, which an ES module does not have.
  banner: { js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);' },
};

/** Builds the program. `entry`: where it begins, for a try with another one. */
export async function buildProgram({ entry = "src/cli/main.ts", outdir = join(root, "dist") } = {}) {
  const result = await build({ ...common, entryPoints: { rind: entry }, outdir, chunkNames: "chunks/[name]-[hash]" });
  const kept = new Set([...writeOutputs(result.outputFiles), writeOutput(join(outdir, "meta.json"), JSON.stringify(result.metafile))]);
  chmodSync(join(outdir, "rind.js"), 0o755);
  for (const old of readdirSync(join(outdir, "chunks"), { withFileTypes: true })) {
    const path = join(outdir, "chunks", old.name);
    if (!kept.has(path)) rmSync(path, { force: true });
  }
}

/** The program as one file of CommonJS, which is what a single executable runs. */
export async function buildOneFile(outfile, entry = "src/cli/main.ts") {
  const { outputFiles } = await build({
    ...common,
    splitting: false,
    format: "cjs",
    banner: {},
    // A script of node:vm has no import() of its own.
    supported: { "dynamic-import": false },
    // There is nothing beside it to be found by its own place.
    define: { "import.meta.url": '"file:///"' },
    entryPoints: [entry],
    outfile,
  });
  writeOutputs(outputFiles);
}

/** Builds the benches; returns the path of each. */
export async function buildBenches() {
  const outdir = join(root, "dist/bench");
  const entryPoints = readdirSync(join(root, "bench"), { recursive: true })
    .filter((path) => path.endsWith(".bench.ts"))
    .toSorted()
    .map((path) => join("bench", path));
  rmSync(outdir, { recursive: true, force: true });
  if (entryPoints.length === 0) return [];
  // Where the folders of the bundles below find it.
  buildNative();
  const sys = readIfThere(join(root, "dist/sys.node"));
  if (sys !== undefined) writeOutput(join(outdir, "sys.node"), sys);
  const { outputFiles } = await build({
    ...common,
    entryPoints,
    outbase: "bench",
    outdir,
    chunkNames: "chunks/[hash]",
    external: ["mitata"],
  });
  const chunks = join(outdir, "chunks");
  return writeOutputs(outputFiles).filter((path) => relative(chunks, path).startsWith(".."));
}

function writeOutputs(files) {
  return files.map(({ path, contents }) => writeOutput(path, contents));
}

function writeOutput(path, contents) {
  const bytes = Buffer.from(contents);
  if (!readIfThere(path)?.equals(bytes)) {
    mkdirSync(dirname(path), { recursive: true });
    const fresh = `${path}.${process.pid}`;
    writeFileSync(fresh, bytes);
    renameSync(fresh, path);
  }
  return path;
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--bench")) await buildBenches();
  else {
    buildNative();
    await buildProgram();
  }
}
