import { ODD, OutlineReader } from "../lib/outline-reader.ts";
import type { Outline } from "../lib/outline.ts";
import type { Json } from "../model/json.ts";
import * as meanings from "./param-meanings.ts";
import type { Params } from "./params.ts";
import json from "./params-outline.json" with { type: "json" };
import type { MethodName } from "./protocol.ts";

// as: the types of json know no unions
const reader = new OutlineReader(json as unknown as Outline, meanings);

/** The params of a call; undefined: they do not fit, and `explain-params.ts` says why. */
export function readParams<M extends MethodName>(name: M, given: Json): Params<M> | undefined {
  const read = reader.read(name, given);
  // as: what the outline has read is what the schema makes
  return read === ODD ? undefined : (read as Params<M>);
}
