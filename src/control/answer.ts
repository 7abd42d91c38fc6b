import { RindError } from "../errors/rind-error.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { NoDaemonError, RemoteError } from "./errors.ts";
import type { ErrorData } from "./protocol.ts";

/** What a client makes of the lines of the daemon. Pure. */

/** What came of a call. */
export type Answer = { readonly result: Json | undefined } | { readonly error: RindError };

/** A message of the daemon at `path`; empty for json that is none. Throws a `RindError` where it is no json. */
export function readMessage(line: string, path: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new RindError(`${path} does not speak rind's protocol`, { hint: "is it the socket of something else?", cause });
  }
  return isJsonObject(value) ? value : {};
}

export function outcomeOf({ error, result }: JsonObject): Answer {
  return error === undefined ? { result } : { error: remoteError(error) };
}

export function lostConnection(path: string): NoDaemonError {
  return new NoDaemonError(`the daemon at ${path} has closed the connection`, { hint: "it has ended, or could not read the message" });
}

function remoteError(error: Json): RemoteError {
  const fields = isJsonObject(error) ? error : {};
  const data = isJsonObject(fields["data"]) ? fields["data"] : {};
  const known: ErrorData = {
    code: textOf(data["code"], "RIND_FAILED"),
    exitCode: typeof data["exitCode"] === "number" ? data["exitCode"] : 1,
    hint: textOf(data["hint"], ""),
    cause: typeof data["cause"] === "string" ? data["cause"] : null,
  };
  return new RemoteError(textOf(fields["message"], "the daemon refused"), known);
}

function textOf(value: Json | undefined, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}
