import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Frees what is garbage before it returns: among the new objects, or all. */
export type Collect = (options: { readonly type: "minor" | "major"; readonly execution: "sync" }) => void;

let found: Collect | undefined;

/** V8's own. It gives it to contexts that are made after a flag; where it does not, memory is as it would be without. */
export function collector(): Collect {
  found ??= find();
  return found;
}

function find(): Collect {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  setFlagsFromString("--no-expose-gc");
  // what the flag promises
  return typeof gc === "function" ? (gc as Collect) : () => {};
}
