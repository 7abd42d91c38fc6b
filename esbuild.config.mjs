/**
 * Builds `dist/rind.js` and, in `dist/chunks/`, what it runs: `main`, which knows the common commands, and `program`, which has all the rest, the daemon
 * among it; beside each its bytecode.
 *
 * `node esbuild.config.mjs`          the program with its native part, and `dist/meta.json`, which says what each file is made of
 * `node esbuild.config.mjs --bench`  every `bench/**` `*.bench.ts` under `dist/bench/`
 *
 * A file whose content is the same is left alone and any other is replaced by a rename, so that a build beside running tests takes
 * nothing away from them.
 */
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { keepBytecode } from "./bundle/bytecode.mjs";
import { later } from "./bundle/later.mjs";
import { buildNative } from "./src/process/native/build.mjs";

const root = dirname(fileURLToPath(import.meta.url));

/** What every bundle has in common. */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  // Without the shortening of names: errors say the name of their class, and stack traces can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "warning",
  // For platform node esbuild takes rxjs as CommonJS, of which nothing can be left out: 143 kB instead of 14.
  alias: { rxjs: join(root, "node_modules/rxjs/dist/esm/index.js") },
  plugins: [later],
};

/** The bundles of the program by what they are. A class of one is not that of the other: they share nothing but words. */
const ENTRIES = { main: "src/cli/main.ts", program: "src/cli/full-cli.ts" };

/** What `bundle/load.cjs` calls: a function of its `require`, its `module` and its own place. */
const asFunction = {
  ...common,
  format: "cjs",
  banner: { js: "(function(require,module,bundleUrl){" },
  footer: { js: "})" },
  define: { "import.meta.url": "bundleUrl" },
  // A script of node:vm has no import() of its own.
  supported: { "dynamic-import": false },
  charset: "ascii",
  plugins: [
    ...common.plugins,
    {
      name: "the other bundle is loaded when it is needed",
      setup({ onResolve }) {
        onResolve({ filter: /^\.\/full-cli\.ts$/ }, ({ kind }) =>
          kind === "dynamic-import" ? { path: "rind:program", external: true } : undefined,
        );
      },
    },
  ],
};

/** Builds the program. `entry`: where it begins, for a try with another one. */
export async function buildProgram({ entry = ENTRIES.main, outdir = join(root, "dist") } = {}) {
  const chunks = join(outdir, "chunks");
  const { bundles, files, meta } = await buildBundles(chunks, { entries: { ...ENTRIES, main: entry } });
  const bytecode = await bytecodeOf(chunks, bundles);
  writeOutput(join(outdir, "meta.json"), JSON.stringify(meta));
  // What is above may say that scripts are modules.
  writeOutput(join(outdir, "package.json"), '{ "type": "commonjs" }\n');
  const start = join(outdir, "rind.js");
  // A program that began a moment ago may still ask for what this one replaces.
  const before = readIfThere(start)?.toString() ?? "";
  await buildStart(start, {
    entry: "bundle/start.cjs",
    banner: { js: "#!/usr/bin/env node" },
    define: { BUNDLES: JSON.stringify(bundles) },
  });
  chmodSync(start, 0o755);
  const kept = new Set([...files, ...bytecode]);
  for (const old of readdirSync(chunks)) {
    const path = join(chunks, old);
    if (!kept.has(path) && !before.includes(old.replace(/\.\w+$/, ""))) rmSync(path, { force: true });
  }
}

/** Makes one script of what loads the bundles. */
export async function buildStart(outfile, { entry = "image/start.cjs", ...options } = {}) {
  const { outputFiles } = await build({ ...common, format: "cjs", entryPoints: [entry], outfile, ...options });
  writeOutputs(outputFiles);
}

/**
 * Writes the bundles into a folder, each under a name that changes with its content: bytecode, which is checked only roughly, is never that of another.
 * `node`: the one that will run them. Answers their names by what they are, their paths, and what they are made of.
 */
export async function buildBundles(folder, { entries = ENTRIES, node = process.version } = {}) {
  const options = { ...asFunction, entryPoints: entries, outdir: folder, outExtension: { ".js": ".cjs" } };
  const { outputFiles, metafile: meta } = await build(options);
  const bundles = {};
  const files = [];
  for (const { path, contents } of outputFiles) {
    const name = relative(folder, path).replace(/\.cjs$/, "");
    const hash = createHash("sha256").update(contents).update(node).digest("hex").slice(0, 8);
    bundles[name] = `${name}-${hash}`;
    files.push(writeOutput(join(folder, `${bundles[name]}.cjs`), contents));
  }
  return { bundles, files, meta };
}

/** Paths of the bytecode of these bundles, made where it is not there; none where the program does not run on this machine. */
async function bytecodeOf(folder, bundles) {
  const paths = Object.values(bundles).map((name) => join(folder, `${name}.bytecode`));
  try {
    if (!paths.every((path) => existsSync(path))) await keepBytecode({ node: process.execPath, folder, bundles });
  } catch (error) {
    process.stderr.write(`there is no bytecode, so that each start takes longer: ${error.message}\n`);
  }
  return paths;
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
    format: "esm",
    splitting: true,
    // The packages that are CommonJS ask for node's modules with require, which an ES module does not have.
    banner: { js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);' },
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
