/** What `dist/rind.js` is made of: it finds the bundles beside it. */
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { load } = require("./load.cjs");

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

load("main", read, path);
