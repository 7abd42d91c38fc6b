import { RejectedError } from "../errors/rind-error.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { PayloadText } from "./api.ts";

/** In bytes of its compact json, or of its words. */
const PAYLOAD_LIMIT = 1024 * 1024;
/** What walks a payload may recurse: deeper ones are refused at the edge, before the stack ends somewhere inside. */
const DEPTH_LIMIT = 200;
/** A control character takes so many. */
const ESCAPE = 6;
/** The longest number has 24. */
const SCALAR = 25;

/** Throws a `RejectedError` for a payload that is too large or too deep to be kept. */
export function checkPayload(payload: PayloadText): void {
  if (payload.kind === "words") {
    checkSize(payload.words.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, -1));
  } else if (payload.value !== undefined) {
    checkJson(payload.value);
  }
}

export function checkJson(value: Json): void {
  // the exact size is worth a copy of the whole only where it may be too much
  if (sizeAtMost(value, 0) > PAYLOAD_LIMIT) checkSize(Buffer.byteLength(JSON.stringify(value)));
}

function checkSize(bytes: number): void {
  if (bytes > PAYLOAD_LIMIT) {
    throw new RejectedError(`the payload has ${bytes} bytes`, { hint: "a payload may have up to 1 MiB: store a path to the data instead" });
  }
}

/** Throws a `RejectedError` for json that is nested too deeply. */
export function checkDepth(value: Json): void {
  sizeAtMost(value, 0);
}

/** Bytes that its compact json has at the very most: each unit of text as an escape. Throws where it is nested too deeply. */
function sizeAtMost(value: Json, depth: number): number {
  if (depth > DEPTH_LIMIT) {
    throw new RejectedError("the payload is nested too deeply", { hint: `a payload may have up to ${DEPTH_LIMIT} levels` });
  }
  if (typeof value === "string") return ESCAPE * value.length + 2;
  let size = 2;
  if (isJsonObject(value)) {
    for (const key in value) size += ESCAPE * key.length + 4 + sizeAtMost(value[key] ?? null, depth + 1);
    return size;
  }
  if (typeof value !== "object" || value === null) return SCALAR;
  for (const item of value) size += 1 + sizeAtMost(item, depth + 1);
  return size;
}
