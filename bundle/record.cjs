/**
 * Runs the program as its users do, and writes the bytecode of what was used: `node record.cjs FOLDER BUNDLE=NAME... -- WORDS...`
 *
 * FOLDER has NAME.cjs of each bundle, and gets NAME.bytecode; one that is there already is gone on from. WORDS are those for the program.
 */
const { readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const v8 = require("node:v8");
const vm = require("node:vm");
const { crc32 } = require("node:zlib");

const [node, , folder, ...rest] = process.argv;
const end = rest.indexOf("--");
const names = new Map(rest.slice(0, end).map((word) => word.split("=")));
const path = (name, kind = "cjs") => join(folder, `${names.get(name)}.${kind}`);
process.argv = [node, path("main"), ...rest.slice(end + 1)];
// Bytecode is good only for the flags that it was made with; those of a fresh start are wanted.
v8.setFlagsFromString = () => {};

const scripts = new Map();
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    scripts.set(options.filename, this);
  }
};
// only now: it takes the class as it is
const { run, sealed } = require("./load.cjs");

process.on("exit", () => {
  for (const name of names.keys()) {
    const script = scripts.get(path(name));
    if (script === undefined) continue;
    const fresh = `${path(name, "bytecode")}.${process.pid}`;
    writeFileSync(fresh, sealed(script.createCachedData(), crc32));
    renameSync(fresh, path(name, "bytecode"));
  }
});

function read(name, kind) {
  try {
    return readFileSync(path(name, kind));
  } catch (error) {
    if (kind === "bytecode") return undefined;
    throw error;
  }
}

run(process.argv.slice(2), { read, path, crc32 });
