import { ExitCode } from "../errors/exit-code.ts";
import { RindError } from "../errors/rind-error.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { type ErrorData, RpcCode } from "./protocol.ts";

/** The envelope of JSON-RPC 2.0 on the server's side: what a message asks for, and the text of answers. Pure. */

export type RequestId = string | number | null;

/** `id` undefined: a notification, which gets no answer. */
export type Request =
  | { readonly kind: "call"; readonly id: RequestId | undefined; readonly method: string; readonly params: Json | undefined }
  | { readonly kind: "bad"; readonly id: RequestId; readonly message: string };

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data: ErrorData;
}

export function readRequest(value: Json): Request {
  if (!isJsonObject(value)) return { kind: "bad", id: null, message: "a request is a json object" };
  const id = own(value, "id");
  if (id !== undefined && id !== null && typeof id !== "string" && typeof id !== "number") {
    return { kind: "bad", id: null, message: "id must be a string or a number" };
  }
  if (own(value, "jsonrpc") !== "2.0") return { kind: "bad", id: id ?? null, message: 'jsonrpc must be "2.0"' };
  const method = own(value, "method");
  if (typeof method !== "string") return { kind: "bad", id: id ?? null, message: "method must be a string" };
  return { kind: "call", id, method, params: own(value, "params") };
}

function own(object: { readonly [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function resultAnswer(id: RequestId, result: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result: result ?? null });
}

export function errorAnswer(id: RequestId, error: RpcError): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error });
}

/** An error of the protocol itself: the caller's program is at fault. */
export function protocolError(code: number, message: string, hint = ""): RpcError {
  return { code, message, data: { code: "RIND_PROTOCOL", exitCode: ExitCode.usage, hint, cause: null } };
}

/** What a client is told about an error that a call has thrown. */
export function callError(error: unknown): RpcError {
  if (error instanceof RindError) {
    const data = { code: error.code, exitCode: error.exitCode, hint: error.hint, cause: causeOf(error) };
    return { code: RpcCode.failed, message: error.message, data };
  }
  const message = error instanceof Error ? error.message : String(error);
  const data = { code: "RIND_INTERNAL", exitCode: ExitCode.failed, hint: "this is a mistake in rind; its log says more", cause: null };
  return { code: RpcCode.internal, message: `internal error: ${message}`, data };
}

function causeOf(error: Error): string | null {
  if (error.cause instanceof Error) return error.cause.message;
  return typeof error.cause === "string" ? error.cause : null;
}
