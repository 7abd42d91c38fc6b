import { expect, test } from "vitest";
import {
  count,
  either,
  flag,
  json,
  list,
  name,
  number,
  oneOf,
  optional,
  pid,
  readParams,
  text,
  whole,
} from "../../../src/control/param-kinds.ts";
import type { Json } from "../../../src/model/json.ts";

const TABLE = { name, payload: optional(json), words: optional(list(text)), replace: flag };
const read = (given: string) => readParams(TABLE, JSON.parse(given) as Json);

test("params that fit are read as they are, with what stands for those that are not given", () => {
  expect(read('{"name":"net@up","payload":null}')).toEqual({ params: { name: "net@up", payload: null, replace: false } });
  expect(read('{"name":"a","words":["x"],"replace":true}')).toEqual({ params: { name: "a", words: ["x"], replace: true } });
});

test("each mistake is said", () => {
  expect(read('{"words":["a",1],"replace":0,"more":2}')).toEqual({
    mistakes: ["words: 1: must be a string", "replace: must be true or false", "more: there is no such param", "name: must be given"],
  });
  for (const given of ["[]", "null", '"x"', "1"]) expect(read(given)).toEqual({ mistakes: ["params must be an object"] });
});

test("names of prototypes are params that there are not", () => {
  expect(read('{"name":"a","__proto__":{},"constructor":1}')).toEqual({
    mistakes: ["__proto__: there is no such param", "constructor: there is no such param"],
  });
});

test.each([
  [text, "", 1, "must be a string"],
  [name, "x", "", "must not be empty"],
  [flag, false, null, "must be true or false"],
  [count, 0, -1, "must be a whole number from 0 on"],
  [count, 3, 1.5, "must be a whole number from 0 on"],
  [pid, 1, 0, "must be a whole number from 1 on"],
  [whole, -1, 1e300, "must be a whole number"],
  [number, 0.5, Number.POSITIVE_INFINITY, "must be a number"],
  [number, 1, "1", "must be a number"],
  [oneOf(["on", "off"]), "on", "of", "must be one of on, off"],
  [either(text, whole), 9, true, "must be a string, or must be a whole number"],
  [list(name), ["x"], ["x", ""], "1: must not be empty"],
  [list(name, "must name a service"), ["x"], [], "must name a service"],
  [list(name), [], "x", "must be a list"],
])("%o takes %j and not %j: %s", (kind, good, bad, flaw) => {
  expect(kind.flaw(good)).toBeUndefined();
  expect(kind.flaw(bad)).toBe(flaw);
});
