import { expect, test } from "vitest";
import { alternatives } from "../../../src/flow/condition.ts";
import type { Condition, ServiceIs } from "../../../src/model/condition.ts";
import { all, any, G, not, S } from "../../support/decls.ts";

const service = (is: ServiceIs, key?: string): Condition => ({ kind: "service", name: "g@s", key, is });

/** Each alternative as text: `a -b !x`. */
function normal(...conditions: Condition[]): string[] {
  return alternatives(conditions).map(({ signals, literals }) =>
    [
      ...literals.map(
        ({ negated, state, match }) =>
          `${negated ? "-" : ""}${state}${match.map((one) => JSON.stringify("value" in one ? one.value : one)).join("")}`,
      ),
      ...signals.map(({ name }) => `!${name}`),
    ].join(" "),
  );
}

function mistakes(...conditions: Condition[]): string[] {
  const found: string[] = [];
  alternatives(conditions, (path, message) => found.push(`${path.join(".")}: ${message}`));
  return found;
}

test("the items of a list hold together, `any` makes alternatives in the order of writing", () => {
  expect(normal(S("a"), any(S("b"), all(S("c"), S("d"))))).toEqual(["a b", "a c d"]);
  expect(normal(any(S("a"), S("b")), any(S("c"), S("d")))).toEqual(["a c", "a d", "b c", "b d"]);
  expect(normal()).toEqual([""]);
});

test("`not` goes down to the single states", () => {
  expect(normal(not(S("a")))).toEqual(["-a"]);
  expect(normal(not(not(S("a"))))).toEqual(["a"]);
  expect(normal(not(all(S("a"), any(S("b"), S("c")))))).toEqual(["-a", "-b -c"]);
});

test("signals stand beside the states of their alternative", () => {
  expect(normal(any(G("x"), S("a")), S("b"))).toEqual(["b !x", "a b"]);
});

test("a condition on a service asks for one instance, and that all agree", () => {
  expect(normal(service("ready"))).toEqual(['~service:g@s{"~ready":true} -~service:g@s{"~ready":false}']);
  expect(normal(service("failed"))).toEqual(['~service:g@s{"~failed":true}']);
  expect(normal(service("ready", "al"))).toEqual(['~service:g@s{"~id":"g@s/al","~ready":true}']);
  expect(normal(not(service("ready")))).toEqual(['-~service:g@s{"~ready":true}', '~service:g@s{"~ready":false}']);
  expect(normal(not(service("failed")))).toEqual(['-~service:g@s{"~failed":true}']);
  expect(alternatives([service("ready")])[0]?.literals.every(({ gate }) => gate)).toBe(true);
});

test("an alternative that asks for a state and for its opposite is left out", () => {
  expect(normal(any(all(S("a"), not(S("a"))), S("b")))).toEqual(["b"]);
  expect(normal(any(all(S("a", { x: 1 }), not(S("a"))), S("b")))).toEqual(["b"]);
  expect(normal(S("a"), not(S("a", { x: 1 })))).toEqual(['a -a{"x":1}']);
});

test("a list none of whose alternatives can hold is reported", () => {
  expect(mistakes(S("a"), not(S("a")))).toEqual([": this can never hold: it asks for a and for its opposite"]);
  expect(mistakes(any())).toEqual([": this can never hold"]);
  expect(mistakes(any(all(S("a"), not(S("a"))), S("b")))).toEqual([]);
});

test("two signals that would have to come together are reported at the second", () => {
  expect(mistakes(G("x"), all(S("a"), G("y")))).toEqual(["1.all.1: the signals x and y never come together"]);
  expect(mistakes(any(G("x"), G("y")))).toEqual([]);
  expect(mistakes(G("x"), G("x"))).toEqual([]);
});

test("`not` of a signal is reported where it stands", () => {
  expect(mistakes(S("a"), any(S("b"), not(G("x"))))).toEqual(["1.any.1.not: `not` takes no signal, and x is one"]);
});

test("a list that multiplies beyond 256 alternatives is reported, not computed", () => {
  const pair = any(S("a"), S("b"));
  expect(mistakes(...Array.from({ length: 8 }, () => pair))).toEqual([]);
  expect(mistakes(...Array.from({ length: 40 }, () => pair))).toEqual([": this makes more than 256 alternatives"]);
  expect(mistakes(any(...Array.from({ length: 300 }, (_, i) => S(`s${i}`))))).toEqual([": this makes more than 256 alternatives"]);
});
