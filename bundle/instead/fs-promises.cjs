/** With this part of node:fs comes what reads lines and watches folders: 4 ms of a start, in which files are read at once. */
const fs = require("node:fs");

for (const name of ["mkdir", "open", "readdir", "readFile", "rename", "rm", "rmdir", "stat", "truncate", "unlink", "writeFile"])
  exports[name] = (...given) => fs.promises[name](...given);
