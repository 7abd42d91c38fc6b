import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** By this line it is known that nobody's own words are lost. */
const MARK = "# made by Rind";

/**
 * Writes the name servers to `path` by an atomic rename. What somebody else has written there is kept beside it, as `PATH.before-rind`; `say` is told
 * so. A file that nothing can be renamed over, as one that a container has mounted, is written in place.
 */
export function writeResolvConf(path: string, servers: readonly string[], say: (message: string) => void): void {
  const text = [`${MARK}: the name servers of its units`, ...servers.map((server) => `nameserver ${server}`), ""].join("\n");
  const before = readText(path);
  if (before === text) return;
  if (before !== undefined && before.trim() !== "" && !before.startsWith(MARK)) {
    copyFileSync(path, `${path}.before-rind`);
    say(`${path} was replaced; what it held is in ${path}.before-rind`);
  }
  const fresh = `${path}.rind`;
  writeFileSync(fresh, text, { mode: 0o644 });
  try {
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    if (!(error instanceof Error && "code" in error && error.code === "EBUSY")) throw error;
    writeFileSync(path, text);
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
