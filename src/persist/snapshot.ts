import { type FileHandle, open, rename, rm } from "node:fs/promises";
import type { Json } from "../model/json.ts";
import { writeAt } from "./disk.ts";
import { encodeGroup, HEADER, writeLine } from "./format.ts";

/** Text of one group: small enough that making it does not hold up the daemon. */
const GROUP_LENGTH = 256 * 1_024;

/** A file that holds all entries once, beside the one in use. */
export interface Snapshot {
  /** Adds what was committed since the entries were taken, and takes the place of `path`; its name is not durable yet. */
  replace(path: string, since: readonly Buffer[]): Promise<{ readonly file: FileHandle; readonly end: number }>;
}

/** undefined: cancelled. On failure nothing is left at `path`. */
export async function writeSnapshot(
  path: string,
  entries: readonly (readonly [string, Json])[],
  cancelled: () => boolean,
): Promise<Snapshot | undefined> {
  const file = await open(path, "w+", 0o600);
  const abandon = async (): Promise<void> => {
    await file.close();
    await rm(path, { force: true });
  };
  try {
    let end = 0;
    const add = async (bytes: Buffer): Promise<void> => {
      await writeAt(file, bytes, end);
      end += bytes.length;
    };
    await add(HEADER);
    let text = "";
    for (const [key, value] of entries) {
      text += writeLine({ key, value });
      if (text.length < GROUP_LENGTH) continue;
      if (cancelled()) {
        await abandon();
        return undefined;
      }
      await add(encodeGroup(text));
      text = "";
    }
    if (text !== "") await add(encodeGroup(text));
    await file.datasync();
    return {
      replace: async (target, since) => {
        try {
          for (const group of since) await add(group);
          await file.datasync();
          await rename(path, target);
          return { file, end };
        } catch (error) {
          await abandon();
          throw error;
        }
      },
    };
  } catch (error) {
    await abandon();
    throw error;
  }
}
