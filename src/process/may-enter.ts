import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { Identity } from "./launcher.ts";

/** Whether who has this identity may go into a folder, by the modes of it and of all above it (no ACLs are looked at). */
export function mayEnter(folder: string, { uid, gid, groups }: Identity): boolean {
  if (uid === 0) return true;
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return false;
  const right = found.uid === uid ? 0o100 : found.gid === gid || groups.includes(found.gid) ? 0o010 : 0o001;
  const above = dirname(folder);
  return (found.mode & right) !== 0 && (above === folder || mayEnter(above, { uid, gid, groups }));
}
