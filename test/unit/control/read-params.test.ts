import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { explainParams } from "../../../src/control/explain-params.ts";
import { PARAMS } from "../../../src/control/params.ts";
import { paramsOutlineText } from "../../../src/control/params-outline.ts";
import type { MethodName } from "../../../src/control/protocol.ts";
import { readParams } from "../../../src/control/read-params.ts";
import type { Json } from "../../../src/model/json.ts";

const RUNS = Number(process.env["RIND_RUNS"] ?? 400);
const METHODS = Object.keys(PARAMS) as MethodName[]; // the keys of the table are the names of the methods
const KEYS = [...new Set([...Object.values(PARAMS).flatMap(({ shape }) => Object.keys(shape)), "constructor", "__proto__", "more"])];
const parsed = (text: string): Json => JSON.parse(text) as Json;

test("the outline that is kept is the one that the schemas make", () => {
  expect(readFileSync(new URL("../../../src/control/params-outline.json", import.meta.url), "utf8")).toBe(paramsOutlineText());
});

test("whatever is given, the outline takes it exactly where the schema does, and makes the same of it", () => {
  const seen = { good: 0, bad: 0 };
  const value = fc.oneof(
    fc.constantFrom<Json>("x", "", true, false, 0, 1, -1, 1.5, 2 ** 53, null, [], ["x"], [""], ["x", 1], "halt", 9, {}),
    fc.jsonValue().map((each) => parsed(JSON.stringify(each))),
  );
  const given = fc.constantFrom(...METHODS).chain((name) => {
    const key = fc.oneof(fc.constantFrom("name", ...Object.keys(PARAMS[name].shape)), fc.constantFrom(...KEYS));
    const table = fc.array(fc.tuple(key, value), { maxLength: 4 }).map((pairs) => {
      const texts = pairs.map(([each, inner]) => `${JSON.stringify(each)}:${JSON.stringify(inner)}`);
      return parsed(`{${texts.join(",")}}`);
    });
    return fc.tuple(fc.constant(name), fc.oneof({ weight: 9, arbitrary: table }, value));
  });
  fc.assert(
    fc.property(given, ([name, params]) => {
      const read = readParams(name, params);
      const schema = PARAMS[name].safeParse(params);
      seen[read === undefined ? "bad" : "good"] += 1;
      expect(read).toEqual(schema.data);
      if (read === undefined) expect(explainParams(name, params).message).not.toBe("");
    }),
    { numRuns: RUNS * 10 },
  );
  expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(RUNS / 2);
});

test.each<[MethodName, Json, string]>([
  ["flow.emit", { words: ["a"] }, "name: Invalid input: expected string, received undefined"],
  ["flow.get", { name: "" }, "name: must not be empty"],
  ["flow.get", { name: "x", more: 1 }, 'Unrecognized key: "more"'],
  ["flow.get", ["x"], "Invalid input: expected object, received array"],
  ["service.kill", { names: [] }, "names: must name a service"],
  ["service.set", {}, "service: must be json"],
])("%s: what is wrong with %j is said", (name, params, message) => {
  expect(readParams(name, params)).toBeUndefined();
  expect(explainParams(name, params).message).toBe(message);
});
