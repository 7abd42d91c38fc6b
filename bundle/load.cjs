/**
 * How the bundles of the program are run: each is a function, compiled with the bytecode that lies beside it (see bytecode.mjs). Bytecode of another Node,
 * or made with other flags, is left alone by V8, and all is compiled as if there were none. That it is whole V8 takes for granted, and ends where it is not.
 */
const { pathToFileURL } = require("node:url");
const { Script } = require("node:vm");
const { crc32 } = require("node:zlib");

const SUM_BYTES = 4;

/** Runs a bundle and answers its exports. `read`: the bytes of its two files by the end of their names; `path`: where it is said to lie. */
exports.load = (name, read, path) => {
  const file = path(name);
  const script = new Script(read(name, "cjs").latin1Slice(), { filename: file, cachedData: opened(read(name, "bytecode")) });
  const module = { exports: {} };
  const requireOrLoad = (id) => (id.startsWith("rind:") ? exports.load(id.slice("rind:".length), read, path) : require(id));
  script.runInThisContext()(requireOrLoad, module, pathToFileURL(file).href);
  return module.exports;
};

/** What a file of bytecode holds: it, and the sum of it. */
exports.sealed = (bytecode) => {
  const sum = Buffer.alloc(SUM_BYTES);
  sum.writeUInt32LE(crc32(bytecode));
  return Buffer.concat([bytecode, sum]);
};

/** undefined: there is none, or it was damaged. */
function opened(bytes) {
  if (bytes === undefined || bytes.length < SUM_BYTES) return undefined;
  const bytecode = bytes.subarray(0, -SUM_BYTES);
  return bytes.readUInt32LE(bytecode.length) === crc32(bytecode) ? bytecode : undefined;
}
