/** All of Node's streams come with it: a daemon needs it only for what it stores and for logs that it compresses. */
for (const name of ["crc32", "createGzip"]) exports[name] = (...given) => require("zlib")[name](...given);
