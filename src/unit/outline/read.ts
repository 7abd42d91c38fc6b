import { OutlineReader } from "../../lib/outline-reader.ts";
import type { Outline } from "../../lib/outline.ts";
import * as meanings from "../schema/meanings.ts";
import json from "./outline.json" with { type: "json" };

// as: the types of json know no unions
const reader = new OutlineReader(json as unknown as Outline, meanings);

/** The table of a section as its schema reads it, or `ODD`: then `check-by-schema.ts` says why. */
export function readByOutline(root: string, table: unknown): unknown {
  return reader.read(root, table);
}
