/**
 * Parts of Node that a start does not need, loaded where they are used: with node:zlib come all streams, with node:fs/promises what reads lines and
 * watches folders, and pino's assert, module and worker_threads are for threads of which there are none. 8 ms of each start of a daemon.
 */
import { createRequire } from "node:module";

const PARTS = ["assert", "module", "node:fs/promises", "node:zlib", "worker_threads"];
const NAMESPACE = "later";

/** For esbuild. */
export const later = {
  name: "parts of Node are loaded where they are used",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^(?:${PARTS.join("|")})$`) }, ({ path, namespace }) =>
      namespace === NAMESPACE ? { path, external: true } : { path, namespace: NAMESPACE },
    );
    onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({ contents: standIn(path) }));
  },
};

/** A module that exports what this one does, by the Node that builds: each function loads it when it is called, what is no object is known already. */
function standIn(id) {
  const part = createRequire(import.meta.url)(id);
  return `const part = () => require(${JSON.stringify(id)});
const call = (find) => function (...given) { return new.target === undefined ? find()(...given) : new (find())(...given); };
module.exports = ${typeof part === "function" ? "call(part)" : "{}"};
${Object.entries(part).map(exported).join("\n")}`;
}

function exported([name, value]) {
  const key = JSON.stringify(name);
  if (typeof value === "function") return `module.exports[${key}] = call(() => part()[${key}]);`;
  if (typeof value === "object" && value !== null)
    return `Object.defineProperty(module.exports, ${key}, { enumerable: true, get: () => part()[${key}] });`;
  return `module.exports[${key}] = ${JSON.stringify(value)};`;
}
