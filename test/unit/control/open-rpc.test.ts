import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { openRpcDocument, openRpcText } from "../../../src/control/open-rpc.ts";
import { METHODS } from "../../../src/control/methods.ts";

/** What the OpenRPC specification 1.3 asks of the parts that are used here. */
const META = {
  type: "object",
  required: ["openrpc", "info", "methods"],
  properties: {
    openrpc: { type: "string", pattern: "^1\\.3\\.\\d+$" },
    info: { type: "object", required: ["title", "version"], additionalProperties: { type: "string" } },
    methods: {
      type: "array",
      items: {
        type: "object",
        required: ["name", "params", "result"],
        additionalProperties: false,
        properties: {
          name: { type: "string", not: { pattern: "^rpc\\.(?!discover$)" } },
          summary: { type: "string" },
          paramStructure: { enum: ["by-name", "by-position", "either"] },
          params: { type: "array", items: { $ref: "#/definitions/content" } },
          result: { $ref: "#/definitions/content" },
          errors: {
            type: "array",
            items: { type: "object", required: ["$ref"], additionalProperties: false, properties: { $ref: { type: "string" } } },
          },
        },
      },
    },
    components: {
      type: "object",
      additionalProperties: false,
      properties: {
        schemas: {
          type: "object",
          propertyNames: { pattern: "^[a-zA-Z0-9._-]+$" },
          additionalProperties: { $ref: "#/definitions/schema" },
        },
        errors: {
          type: "object",
          additionalProperties: { type: "object", required: ["code", "message"], properties: { code: { type: "integer" } } },
        },
      },
    },
  },
  additionalProperties: false,
  definitions: {
    schema: { $ref: "http://json-schema.org/draft-07/schema#" },
    content: {
      type: "object",
      required: ["name", "schema"],
      additionalProperties: false,
      properties: {
        name: { type: "string" },
        description: { type: "string" },
        required: { type: "boolean" },
        schema: { $ref: "#/definitions/schema" },
      },
    },
  },
};

const document = openRpcDocument() as unknown as {
  methods: { name: string; params: { name: string; required: boolean }[]; errors: { $ref: string }[] }[];
  components: Record<string, Record<string, object>>;
};

test("N124: the document is as the OpenRPC specification asks", () => {
  const check = new Ajv({ strict: false, validateFormats: false }).compile(META);
  check(document);
  expect(check.errors).toBeNull();
});

test("N124: it tells each method once, and of each the params that must be given first", () => {
  expect(document.methods.map(({ name }) => name).sort()).toEqual(Object.keys(METHODS).sort());
  for (const { name, params } of document.methods) {
    const required = params.map((param) => param.required);
    expect({ name, required }).toEqual({ name, required: required.toSorted((a, b) => Number(b) - Number(a)) });
    expect({ name, params: new Set(params.map((param) => param.name)).size }).toEqual({ name, params: params.length });
  }
});

test("N124: all that it refers to is in it", () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)];
  expect(references.length).toBeGreaterThan(20);
  for (const [, section = "", name = ""] of references) expect(document.components[section]).toHaveProperty(name);
  expect(JSON.stringify(document)).not.toContain("#/definitions/");
});

test("schemas/openrpc.json is what the code says (npm run schema writes it)", () => {
  expect(readFileSync("schemas/openrpc.json", "utf8")).toBe(openRpcText());
});
