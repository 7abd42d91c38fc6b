import * as z from "zod";
import { version } from "../lib/version.ts";
import type { JsonObject } from "../model/json.ts";
import { PARAMS } from "./params.ts";
import type { MethodName } from "./protocol.ts";
import { RpcCode } from "./protocol.ts";
import { RESULTS } from "./results.ts";

/** The protocol as an OpenRPC document (spec.open-rpc.org), made from what the params and the results are declared to be. */
export function openRpcDocument(): JsonObject {
  const { methods, schemas } = schemasOf();
  return {
    openrpc: "1.3.2",
    info: {
      title: "Rind",
      version,
      description: "JSON-RPC 2.0, one json text per line, over the unix socket of the daemon.",
    },
    methods,
    components: { schemas, errors: ERRORS },
  };
}

/** The document as the text that is kept in `schemas/`. */
export function openRpcText(): string {
  return `${JSON.stringify(openRpcDocument(), null, 2)}\n`;
}

/** What any method may answer in place of its result. */
const ERRORS: JsonObject = {
  failed: { code: RpcCode.failed, message: "Rind refuses: data is {code, exitCode, hint, cause}." },
  badParams: { code: RpcCode.badParams, message: "The params do not fit." },
  internal: { code: RpcCode.internal, message: "A mistake in Rind." },
};

/** All schemas in one, so that what they share is written once. */
function schemasOf(): { readonly methods: readonly JsonObject[]; readonly schemas: JsonObject } {
  const names = Object.keys(PARAMS) as MethodName[]; // the keys of the table are the names of the methods
  const whole = z.object(Object.fromEntries(names.map((name) => [name, z.object({ params: PARAMS[name], result: RESULTS[name].result })])));
  const text = JSON.stringify(z.toJSONSchema(whole, { target: "draft-07", io: "input", unrepresentable: "any" }));
  const { properties, definitions } = JSON.parse(text.replaceAll("#/definitions/", "#/components/schemas/")) as Whole; // as asked for above
  return {
    methods: names.map((name) => methodObject(name, properties[name])),
    schemas: Object.fromEntries(Object.entries(definitions).map(([id, { id: _, ...schema }]) => [id, schema])),
  };
}

interface Whole {
  readonly properties: Readonly<Record<string, MethodSchema>>;
  readonly definitions: Readonly<Record<string, JsonObject>>;
}

interface MethodSchema {
  readonly properties: {
    readonly params: { readonly properties?: Readonly<Record<string, JsonObject>>; readonly required?: readonly string[] };
    readonly result: JsonObject;
  };
}

function methodObject(name: MethodName, schema: MethodSchema | undefined): JsonObject {
  const { params = {}, result = {} } = schema?.properties ?? {};
  const required = params.required ?? [];
  return {
    name,
    summary: RESULTS[name].summary,
    paramStructure: "by-name",
    params: Object.entries(params.properties ?? {})
      // those that must be given come first (OpenRPC, Method Object)
      .sort(([a], [b]) => Number(required.includes(b)) - Number(required.includes(a)))
      .map(([param, { description, ...rest }]) => ({
        name: param,
        ...(description === undefined ? {} : { description }),
        required: required.includes(param),
        schema: rest,
      })),
    result: { name: "result", schema: result },
    errors: Object.keys(ERRORS).map((error) => ({ $ref: `#/components/errors/${error}` })),
  };
}
