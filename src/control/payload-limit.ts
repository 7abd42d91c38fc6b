import { RejectedError } from "../errors/rind-error.ts";
import type { Json } from "../model/json.ts";
import type { PayloadText } from "./api.ts";

/** In bytes of its compact json, or of its words. */
const PAYLOAD_LIMIT = 1024 * 1024;
/** What walks a payload may recurse: deeper ones are refused at the edge, before the stack ends somewhere inside. */
const DEPTH_LIMIT = 200;

/** Throws a `RejectedError` for a payload that is too large or too deep to be kept. */
export function checkPayload(payload: PayloadText): void {
  if (payload.kind === "words") {
    checkSize(payload.words.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, -1));
  } else if (payload.value !== undefined) {
    checkJson(payload.value);
  }
}

export function checkJson(value: Json): void {
  checkDepth(value);
  checkSize(Buffer.byteLength(JSON.stringify(value)));
}

function checkSize(bytes: number): void {
  if (bytes > PAYLOAD_LIMIT) {
    throw new RejectedError(`the payload has ${bytes} bytes`, { hint: "a payload may have up to 1 MiB: store a path to the data instead" });
  }
}

/** Throws a `RejectedError` for json that is nested too deeply; itself without recursion. */
export function checkDepth(value: Json): void {
  let level: readonly Json[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_LIMIT) {
      throw new RejectedError("the payload is nested too deeply", { hint: `a payload may have up to ${DEPTH_LIMIT} levels` });
    }
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values<Json>(item) : []));
  }
}
