import * as z from "zod";
import type { Json } from "../model/json.ts";
import { PARAMS } from "./params.ts";
import { ParamsError } from "./params-error.ts";
import type { MethodName } from "./protocol.ts";

// zod would compile a function for each schema, which takes longer than to say what is wrong without
z.config({ jitless: true });

/** What is wrong with params that the outline does not take. */
export function explainParams(name: MethodName, given: Json): ParamsError {
  const schema = PARAMS[name];
  const issues = schema.safeParse(given).error?.issues ?? [];
  const mistakes = issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`));
  return new ParamsError(mistakes.join("; "), { hint: rightParams(Object.keys(schema.shape)) });
}

function rightParams(keys: readonly string[]): string {
  return keys.length === 0 ? "this method takes no params" : `params are an object with: ${keys.join(", ")}`;
}
