import { open, rm } from "node:fs/promises";
import type { Json } from "../model/json.ts";
import { writeAt } from "./disk.ts";
import { encodeGroup, HEADER, writeLine } from "./format.ts";

/** Text of one group: small enough that making it does not hold up the daemon. */
const GROUP_LENGTH = 64 * 1_024;

/** A file that holds all entries once, beside the one in use. */
export interface Snapshot {
  readonly path: string;
  /** Adds what was committed since the entries were taken, makes all of it durable, and returns where it ends. */
  finish(since: readonly Buffer[]): Promise<number>;
  /** Leaves nothing at `path`. */
  discard(): Promise<void>;
}

/** undefined: cancelled. On failure nothing is left at `path`. */
export async function writeSnapshot(
  path: string,
  entries: readonly (readonly [string, Json])[],
  cancelled: () => boolean,
): Promise<Snapshot | undefined> {
  const file = await open(path, "w+", 0o600);
  const discard = async (): Promise<void> => {
    await file.close();
    await rm(path, { force: true });
  };
  let end = 0;
  const add = async (bytes: Buffer): Promise<void> => {
    await writeAt(file, bytes, end);
    end += bytes.length;
  };
  try {
    await add(HEADER);
    let text = "";
    for (const [key, value] of entries) {
      text += writeLine({ key, value });
      if (text.length < GROUP_LENGTH) continue;
      if (cancelled()) {
        await discard();
        return undefined;
      }
      await add(encodeGroup(text));
      text = "";
    }
    if (text !== "") await add(encodeGroup(text));
    await file.datasync();
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    path,
    discard,
    finish: async (since) => {
      for (const group of since) await add(group);
      await file.datasync();
      await file.close();
      return end;
    },
  };
}
