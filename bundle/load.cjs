/**
 * How the bundles of the program are run: each is a function, compiled with the bytecode that lies beside it (see bytecode.mjs). Bytecode of another Node,
 * or made with other flags, is left alone by V8, and all is compiled as if there were none. That it is whole V8 takes for granted, and ends where it is not.
 */
const { pathToFileURL } = require("node:url");
const { Script } = require("node:vm");

const SUM_BYTES = 4;

/**
 * Carries out these words. What most calls need is in one bundle, which looks for itself whether it is enough; a daemon is known by its first word, and
 * needs nothing of that.
 */
exports.run = (words, ground) => {
  const verb = words[0] === "--socket" ? words[2] : words[0];
  void load(verb === "up" ? "program" : "main", ground)
    .run(words)
    .then((code) => {
      process.exitCode = code;
    });
};

/**
 * Runs a bundle and answers its exports. `read`: the bytes of its two files by the end of their names; `path`: where it is said to lie; `crc32`: by which
 * bytecode is known to be whole, where it is in a file of its own.
 */
function load(name, ground) {
  const { read, path, crc32 } = ground;
  const file = path(name);
  const script = new Script(read(name, "cjs").latin1Slice(), { filename: file, cachedData: opened(read(name, "bytecode"), crc32) });
  const module = { exports: {} };
  const requireOrLoad = (id) => (id.startsWith("rind:") ? load(id.slice("rind:".length), ground) : require(id));
  script.runInThisContext()(requireOrLoad, module, pathToFileURL(file).href);
  return module.exports;
}

/** What a file of bytecode holds: it, and the sum of it. */
exports.sealed = (bytecode, crc32) => {
  const sum = Buffer.alloc(SUM_BYTES);
  sum.writeUInt32LE(crc32(bytecode));
  return Buffer.concat([bytecode, sum]);
};

/** undefined: there is none, or it was damaged. */
function opened(bytes, crc32) {
  if (bytes === undefined || bytes.length < SUM_BYTES) return undefined;
  const bytecode = bytes.subarray(0, -SUM_BYTES);
  return crc32 === undefined || bytes.readUInt32LE(bytecode.length) === crc32(bytecode) ? bytecode : undefined;
}
