/**
 * What the single executable begins with: it runs the program with the bytecode that image/bytecode.mjs has kept. Node's own code cache holds what
 * is compiled before anything runs, which is little where each module is a function that is called when it is needed.
 */
const { getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

const program = Buffer.from(getRawAsset("rind.cjs")).latin1Slice();
// Bytecode that is not of this program and this Node is left alone: all is compiled as if there were none.
const script = new Script(program, { filename: "rind.cjs", cachedData: Buffer.from(getRawAsset("rind.bytecode")) });
script.runInThisContext()(require);
