/** For pino, which finds by it what would run in threads. */
exports.createRequire = (from) => require("node:module").createRequire(from);
