import { RejectedError, UsageError } from "../errors/rind-error.ts";
import { assertNever } from "../lib/assert-never.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { PayloadKind } from "../model/unit-set.ts";
import type { PayloadText } from "./api.ts";
import { checkDepth } from "./payload-limit.ts";

/**
 * Owns how the words of a command line become a payload (SPEC 9). The words are read by the type that the state or signal
 * declares, so nothing is guessed from their look where the type is known. Json from a program passes as it is: whether it
 * fits the declaration is for the flow engine to say.
 */

/** The payload meant by `text`; undefined: none was given. Throws a `UsageError` for text that is broken, a `RejectedError` for the wrong type. */
export function readPayload(kind: PayloadKind, text: PayloadText): Json | undefined {
  if (text.kind === "json") return text.value;
  const { words } = text;
  if (words.length === 0) return undefined;
  const whole = words.join(" ");
  switch (kind) {
    case "none":
      if (whole === "") return undefined;
      throw new RejectedError("this takes no payload", { hint: "leave the payload away" });
    case "string":
      return whole;
    case "bytes":
      return readBase64(whole);
    case "json":
      return readJson(words, whole);
    case "any":
      return readAny(words, whole);
    default:
      return assertNever(kind);
  }
}

/** An object from words that are all `KEY=VALUE`, values being text; undefined where a word is not. Throws for a key that is given twice. */
export function readPairs(words: readonly string[]): JsonObject | undefined {
  const pairs = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf("=");
    if (equals < 1 || /[\s{["]/.test(word.slice(0, equals))) return undefined;
    const key = word.slice(0, equals);
    if (pairs.has(key)) throw new UsageError(`"${key}" is given twice`, { hint: `write ${key}=VALUE once` });
    pairs.set(key, word.slice(equals + 1));
  }
  return pairs.size === 0 ? undefined : Object.fromEntries(pairs);
}

function readJson(words: readonly string[], whole: string): Json {
  const pairs = readPairs(words);
  if (pairs !== undefined) return pairs;
  if (!/^\s*[[{]/.test(whole)) {
    throw new RejectedError(`${quoted(whole)} is neither a json object or array nor KEY=VALUE words`, {
      hint: 'write name=VALUE, or \'{"name": "VALUE"}\'',
    });
  }
  try {
    const value: Json = JSON.parse(whole);
    checkDepth(value);
    return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`the payload is not valid json: ${error.message}`, {
      hint: "in a shell, put json between single quotes",
      cause: error,
    });
  }
}

function readAny(words: readonly string[], whole: string): Json {
  const value = parsed(whole);
  return value === undefined ? (readPairs(words) ?? whole) : value;
}

function readBase64(whole: string): string {
  // Tools such as base64(1) wrap their lines.
  const text = whole.replace(/\s+/g, "");
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return text;
  throw new RejectedError(`${quoted(whole)} is not base64`, { hint: "bytes are written as base64: base64 FILE | rind set NAME -" });
}

/** undefined: it is not json. */
function parsed(text: string): Json | undefined {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  checkDepth(value);
  return value;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** What `unset` removes: a json object, or all words `KEY=VALUE`, else a text; undefined: everything. */
export function readFilter(words: readonly string[]): Json | undefined {
  if (words.length === 0) return undefined;
  const whole = words.join(" ");
  const value = /^\s*\{/.test(whole) ? parsed(whole) : undefined;
  return isJsonObject(value) ? value : (readPairs(words) ?? whole);
}
