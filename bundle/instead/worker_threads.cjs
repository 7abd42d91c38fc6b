/** For pino, which asks where it is, and would make threads for what the daemon does not use. */
exports.isMainThread = true;
exports.Worker = class {
  constructor(...given) {
    const { Worker } = require("node:worker_threads");
    return new Worker(...given);
  }
};
