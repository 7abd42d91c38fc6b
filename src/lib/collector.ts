import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Frees what is garbage before it returns: among the new objects, or all. */
export type Collect = (what: "new" | "all") => void;

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
  if (typeof gc !== "function") return () => {};
  // what the flag promises
  const collect = gc as (options?: { readonly type: "minor"; readonly execution: "sync" }) => void;
  // that of Node 20 takes options that it does not know, `type: "major"` among them, for the wish of the minor one
  return (what) => (what === "all" ? collect() : collect({ type: "minor", execution: "sync" }));
}
