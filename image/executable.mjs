/**
 * Builds `dist/exe/rind`: Rind, its native part, what is PID 1, and a Node, in one file. `npm run build:exe`
 *
 * It is made anew only when one of these has changed.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildNative } from "../src/process/native/build.mjs";
import { buildOneFile } from "../esbuild.config.mjs";
import { keepBytecode } from "./bytecode.mjs";
import { fetchNode } from "./node.mjs";
import { run } from "./run.mjs";

const DIST = join(import.meta.dirname, "../dist");
const FOLDER = join(DIST, "exe");

/** What the program asks for by name, see src/process/shipped-file.ts. */
const SHIPPED = ["sys.node", "rind-init"];
const START = join(import.meta.dirname, "start.cjs");
/** What makes the executable, beside what it is made of. */
const MAKERS = [import.meta.filename, START, ...["bytecode.mjs", "keep-bytecode.cjs"].map((name) => join(import.meta.dirname, name))];

/** Path of the executable. */
export async function buildExecutable() {
  buildNative();
  const main = join(FOLDER, "rind.cjs");
  await buildOneFile(main);
  const node = fetchNode(FOLDER);
  const assets = Object.fromEntries(SHIPPED.map((name) => [name, join(DIST, name)]));
  for (const path of Object.values(assets)) if (!existsSync(path)) throw new Error(`${path} was not built, and the executable needs it`);

  const target = join(FOLDER, "rind");
  const made = join(FOLDER, "made-of");
  const parts = `${node} ${checksum([main, ...Object.values(assets), ...MAKERS])}`;
  if (existsSync(target) && existsSync(made) && readFileSync(made, "utf8") === parts) return target;

  const { program, bytecode } = keepBytecode({ node, main, folder: FOLDER, assets: DIST });
  const fresh = `${target}.${process.pid}`;
  const config = `${fresh}.json`;
  // execArgvExtension: a program of the system does not listen to NODE_OPTIONS.
  const options = {
    main: START,
    executable: node,
    output: fresh,
    assets: { ...assets, "rind.cjs": program, "rind.bytecode": bytecode },
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
