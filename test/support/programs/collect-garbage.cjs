/**
 * Loaded before a program (`node --expose-gc --require`): on SIGUSR2 all that nobody can reach any more is collected, and a line on stderr says how many
 * bytes are left.
 */
process.on("SIGUSR2", () => {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  process.stderr.write(`live bytes: ${heapUsed + external}\n`);
});
