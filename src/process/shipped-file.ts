import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRawAsset, isSea } from "node:sea";
import { fileURLToPath } from "node:url";

/**
 * The files that come with the program: its native part and the small program that is PID 1.
 *
 * They lie beside the bundle; the single executable has them inside, and the kernel loads nothing that is not a file. So there each is
 * written to a folder that only this user can enter, used, and removed at once.
 */
export type ShippedFile = "sys.node" | "rind-init";

// Beside the bundle, above its chunks, or, from the sources, where the build puts it.
const PLACES = [".", "..", "../../dist"];

/**
 * Calls `use` with the path of this file, which is good only until `use` returns; undefined: the file was not built. `use` throws where
 * the kernel refuses the file, and is then called again with one in another folder, while there is any: many a /tmp and /run is mounted
 * noexec. Throws what the last one threw.
 */
export function useShippedFile<T>(name: ShippedFile, use: (path: string) => T): T | undefined {
  if (!isSea()) {
    const path = PLACES.map((place) => fileURLToPath(new URL(`${place}/${name}`, import.meta.url))).find((place) => existsSync(place));
    return path === undefined ? undefined : use(path);
  }
  const content = insideExecutable(name);
  if (content === undefined) return undefined;
  let refusal: unknown;
  for (const folder of privatePlaces()) {
    try {
      return useCopy(content, folder, name, use);
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

function useCopy<T>(content: Uint8Array, parent: string, name: ShippedFile, use: (path: string) => T): T {
  const folder = mkdtempSync(join(parent, "rind-"));
  try {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o700 });
    return use(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function insideExecutable(name: ShippedFile): Uint8Array | undefined {
  try {
    const content = getRawAsset(name);
    return typeof content === "string" ? Buffer.from(content) : new Uint8Array(content);
  } catch {
    // It throws for what is not there, and tells it in no other way.
    return undefined;
  }
}

/** Where a file can be made and perhaps loaded, the best first. At the very start of a machine nothing may be mounted but /dev. */
function privatePlaces(): readonly string[] {
  const own = process.env["XDG_RUNTIME_DIR"];
  return [...(own === undefined ? [] : [own]), "/run", tmpdir(), "/dev/shm", "/dev"].filter((folder) => existsSync(folder));
}
