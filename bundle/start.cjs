/** What `dist/rind.js` is made of: it finds the bundles beside it. */
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { run } = require("./load.cjs");

/* global BUNDLES: the name of each file, without its end. */
const path = (name, end = "cjs") => join(__dirname, "chunks", `${BUNDLES[name]}.${end}`);

function read(name, end) {
  try {
    return readFileSync(path(name, end));
  } catch (error) {
    // bytecode only saves time
    if (end === "bytecode") return undefined;
    throw error;
  }
}

/** That of the native part: with node:zlib comes more than most commands need. */
function crc32() {
  const holder = { exports: {} };
  try {
    process.dlopen(holder, join(__dirname, "sys.node"));
    return holder.exports.crc32;
  } catch {
    return require("node:zlib").crc32;
  }
}

run(process.argv.slice(2), { read, path, crc32: crc32() });
