import fc from "fast-check";
import { expect, test } from "vitest";
import { alternatives, serviceState } from "../../../src/flow/condition.ts";
import { holds, type Moment } from "../../../src/flow/holds.ts";
import { ownField } from "../../../src/flow/payload.ts";
import { matches } from "../../../src/flow/payload.ts";
import type { Condition } from "../../../src/model/condition.ts";
import type { Json } from "../../../src/model/json.ts";
import { conditionOver } from "../../support/arbitrary-units.ts";
import { all, any, G, not, S, V } from "../../support/decls.ts";

function moment(states: Record<string, readonly Json[]>, rest: Partial<Moment> = {}): Moment {
  return { branches: (name) => states[name] ?? [], signal: undefined, ...rest };
}

test("a state holds while a branch of it matches", () => {
  const now = moment({
    a: [
      { id: 1, ok: false },
      { id: 2, ok: true },
    ],
  });
  expect(holds(S("a"), now)).toBe(true);
  expect(holds(S("a", { ok: true }), now)).toBe(true);
  expect(holds(S("a", { id: 3 }), now)).toBe(false);
  expect(holds(S("b"), now)).toBe(false);
});

test("a signal holds while it is being emitted", () => {
  const now = moment({}, { signal: { name: "x", payload: { n: 1 } } });
  expect([holds(G("x"), now), holds(G("y"), now)]).toEqual([true, false]);
  expect(holds({ kind: "signal", name: "x", match: [{ kind: "as", value: { n: 2 } }] }, now)).toBe(false);
});

test("`any`, `all` and `not` hold as they say", () => {
  const now = moment({ a: [null] });
  expect(holds(any(S("a"), S("b")), now)).toBe(true);
  expect(holds(all(S("a"), S("b")), now)).toBe(false);
  expect(holds(not(S("b")), now)).toBe(true);
});

test("an instance sees the branches and signals that concern it", () => {
  const own = { sees: (payload: Json) => ownField(payload, "user") === undefined || ownField(payload, "user") === "al" };
  const now = moment({ a: [{ user: "bo" }], b: [{ id: 1 }] }, { ...own, signal: { name: "x", payload: { user: "bo" } } });
  expect([holds(S("a"), now), holds(S("b"), now), holds(G("x"), now)]).toEqual([false, true, false]);
});

test("a service is ready when it has an instance and none is not ready; failed when one is", () => {
  const instances = (...flags: boolean[]): Moment => {
    return moment({ [serviceState("s")]: flags.map((flag, i) => ({ "~id": `s/${i}`, "~ready": flag, "~failed": flag })) });
  };
  expect([instances(), instances(true), instances(true, false)].map((now) => holds(V("s"), now))).toEqual([false, true, false]);
  expect([instances(), instances(false), instances(true, false)].map((now) => holds(V("s", "failed"), now))).toEqual([false, false, true]);
  expect(["0", "1", "2"].map((key) => holds({ kind: "service", name: "s", key, is: "ready" }, instances(true, false)))).toEqual([
    true,
    false,
    false,
  ]);
});

test("`binary` is decided by the declared kind", () => {
  const condition: Condition = { kind: "state", name: "a", match: [{ kind: "binary" }] };
  expect(holds(condition, moment({ a: ["aGk="] }))).toBe(false);
  expect(holds(condition, moment({ a: ["aGk="] }, { kindOf: () => "bytes" }))).toBe(true);
});

test("the normal form holds exactly when the condition does", () => {
  const names = ["a", "b", "c"];
  const branch = fc.record({ id: fc.constantFrom<Json>("a", 1), v: fc.constantFrom<Json>(0, 1) });
  const store = fc.record(Object.fromEntries(names.map((name) => [name, fc.array(branch, { maxLength: 2 })])));
  fc.assert(
    fc.property(fc.array(conditionOver(names), { minLength: 1, maxLength: 3 }), store, (conditions, states) => {
      const now = moment(states);
      const byNormalForm = alternatives(conditions).some(({ literals }) =>
        literals.every(
          ({ state, match, negated }) => [...now.branches(state)].some((payload) => matches(match, payload, "json")) !== negated,
        ),
      );
      expect(byNormalForm).toBe(conditions.every((condition) => holds(condition, now)));
    }),
    { numRuns: 500 },
  );
});
