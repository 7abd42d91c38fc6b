/**
 * Runs the program as the single executable would, and writes the bytecode of all that was used: `node keep-bytecode.cjs PROGRAM BYTECODE ASSETS WORDS...`,
 * WORDS being those for the program and ASSETS the folder of what lies in the executable.
 */
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const sea = require("node:sea");
const v8 = require("node:v8");
const { Script } = require("node:vm");

const [node, , program, bytecode, assets, ...words] = process.argv;
process.argv = [node, program, ...words];
sea.isSea = () => true;
sea.getRawAsset = (name) => new Uint8Array(readFileSync(join(assets, name))).buffer;
// Bytecode is good only for the flags that it was made with; those of a fresh start are wanted.
v8.setFlagsFromString = () => {};

const script = new Script(readFileSync(program, "latin1"), { filename: "rind.cjs" });
process.on("exit", () => writeFileSync(bytecode, script.createCachedData()));
script.runInThisContext()(require);
