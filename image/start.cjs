/** What the single executable begins with: the bundles are inside it. */
const { getRawAsset } = require("node:sea");
const { load } = require("../bundle/load.cjs");

load(
  "main",
  (name, end) => Buffer.from(getRawAsset(`${name}.${end}`)),
  (name) => `/${name}.cjs`,
);
