/** What the single executable begins with: the bundles are inside it. */
const { getRawAsset } = require("node:sea");
const { run } = require("../bundle/load.cjs");

run(process.argv.slice(2), {
  read: (name, end) => Buffer.from(getRawAsset(`${name}.${end}`)),
  path: (name) => `/${name}.cjs`,
});
