/**
 * Builds `dist/exe/rind`: Rind, its native part, what is PID 1, and a Node, in one file. `npm run build:exe`
 *
 * It is made anew only when one of these has changed.
 */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildNative } from "../src/process/native/build.mjs";
import { keepBytecode } from "../bundle/bytecode.mjs";
import { buildBundles, buildStart } from "../esbuild.config.mjs";
import { fetchNode } from "./node.mjs";
import { run } from "./run.mjs";

const DIST = join(import.meta.dirname, "../dist");
const FOLDER = join(DIST, "exe");

/** What the program asks for by name, see src/process/shipped-file.ts. */
const SHIPPED = ["sys.node", "rind-init"];
/** Its bundles lie a folder below what is shipped with them, as those of `dist` do. */
const CHUNKS = join(FOLDER, "chunks");

/** Path of the executable. */
export async function buildExecutable() {
  buildNative();
  rmSync(CHUNKS, { recursive: true, force: true });
  const node = fetchNode(FOLDER);
  const start = join(FOLDER, "start.cjs");
  await buildStart(start);
  const { bundles, files } = await buildBundles(CHUNKS, { node });
  const assets = Object.fromEntries(SHIPPED.map((name) => [name, join(DIST, name)]));
  for (const path of Object.values(assets)) if (!existsSync(path)) throw new Error(`${path} was not built, and the executable needs it`);

  const target = join(FOLDER, "rind");
  const made = join(FOLDER, "made-of");
  const parts = `${node} ${checksum([start, ...files, ...Object.values(assets), import.meta.filename])}`;
  if (existsSync(target) && existsSync(made) && readFileSync(made, "utf8") === parts) return target;

  for (const [name, path] of Object.entries(assets)) copyFileSync(path, join(FOLDER, name));
  await keepBytecode({ node, folder: CHUNKS, bundles });
  for (const [name, file] of Object.entries(bundles))
    for (const end of ["cjs", "bytecode"]) assets[`${name}.${end}`] = join(CHUNKS, `${file}.${end}`);
  const fresh = `${target}.${process.pid}`;
  const config = `${fresh}.json`;
  // execArgvExtension: a program of the system does not listen to NODE_OPTIONS.
  const options = {
    main: start,
    executable: node,
    output: fresh,
    assets,
    execArgvExtension: "none",
    disableExperimentalSEAWarning: true,
  };
  writeFileSync(config, JSON.stringify(options));
  try {
    run(node, ["--build-sea", config]);
  } finally {
    rmSync(config);
  }
  renameSync(fresh, target);
  writeFileSync(made, parts);
  return target;
}

function checksum(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest("hex");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await buildExecutable());
}
