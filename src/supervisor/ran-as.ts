import type { Identity } from "../process/launcher.ts";
import type { Instance } from "./instance.ts";

/** What is kept of a process that starts as `identity`, where `before` was kept of the last one; `lastLine`: the newest line of output by then. */
export function ranAs(identity: Identity | undefined, before: Instance["ran"], lastLine: number): Instance["ran"] {
  if (identity === undefined) return undefined;
  return before?.uid === identity.uid ? before : { uid: identity.uid, since: lastLine + 1 };
}
