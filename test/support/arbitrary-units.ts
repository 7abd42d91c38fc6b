import fc from "fast-check";
import { compile } from "../../src/flow/program.ts";
import type { Change } from "../../src/model/change.ts";
import type { Condition } from "../../src/model/condition.ts";
import type { Json } from "../../src/model/json.ts";
import type { StateDecl, UnitSet } from "../../src/model/unit-set.ts";
import { all, any, not, S, state, unitSet } from "./decls.ts";
import { fields, where } from "./flow-rig.ts";

/*
 * Random programs and random changes. Programs are made by layers, so that (nearly) all of them load. Two traps: `fc.option` with
 * `freq: 1` is always nil, and the tests must count what the programs reach.
 */

const BASES: readonly StateDecl[] = [
  state("b0"),
  state("b1"),
  state("b2", { branch: fields("tty", "u") }),
  state("b3", { payload: "string" }),
  state("b4", { payload: "none" }),
  state("b5", { payload: "any" }),
];
const DERIVED = ["d0", "d1", "d2", "d3", "d4"];
export const OPEN_NAMES: readonly string[] = [...BASES.map(({ name }) => name), ...DERIVED];

const scalar = fc.constantFrom<Json>("a", "b", 1, "1");
const flag = fc.constantFrom<Json>(0, 1);

/** A payload of a json state; it may lack any field. */
const payload: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ id: scalar, tty: scalar, u: scalar, v: flag }, { noNullPrototype: true }),
  fc.record({ id: scalar, tty: scalar, u: scalar, v: flag }, { requiredKeys: ["id"], noNullPrototype: true }),
  fc.record({ id: scalar, tty: scalar, u: scalar, v: flag }, { requiredKeys: [], noNullPrototype: true }),
);

const match = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: flag.map((v) => ({ kind: "as" as const, value: { v } })) },
  { weight: 1, arbitrary: scalar.map((id) => ({ kind: "as" as const, value: { id } })) },
  { weight: 1, arbitrary: fc.constantFrom("x", "y").map((text) => ({ kind: "equals" as const, text })) },
);

/** Conditions on states, of any shape. */
export function conditionOver(over: readonly string[]): fc.Arbitrary<Condition> {
  const one = fc
    .tuple(fc.constantFrom("b0", "b1", "b2", ...over), match)
    .map(([name, found]) => (found === undefined ? S(name) : where("state", name, found)));
  const tree = fc.letrec<{ any: Condition }>((tie) => {
    const parts = fc.array(tie("any"), { minLength: 1, maxLength: 2 });
    return {
      any: fc.oneof(
        { maxDepth: 2, depthSize: "small" },
        { weight: 9, arbitrary: one },
        { weight: 2, arbitrary: parts.map((of) => any(...of)) },
        { weight: 2, arbitrary: parts.map((of) => all(...of)) },
        { weight: 3, arbitrary: tie("any").map(not) },
      ),
    };
  });
  return tree.any;
}

const branch = fc
  .uniqueArray(fc.tuple(fc.constantFrom("id", "tty", "u"), fc.constantFrom("id", "tty", "u")), {
    selector: ([target]) => target,
    minLength: 1,
    maxLength: 2,
  })
  .map((pairs) => fields(...pairs.map(([target, source]) => `${target}:${source}`)));

function derivedState(name: string): fc.Arbitrary<StateDecl> {
  const over = OPEN_NAMES.slice(0, OPEN_NAMES.indexOf(name));
  const list = (maxLength: number): fc.Arbitrary<Condition[]> => fc.array(conditionOver(over), { minLength: 1, maxLength });
  const none = fc.array(fc.tuple(fc.constantFrom(...over), fc.boolean()), { minLength: 1, maxLength: 2 });
  return fc
    .record({
      branch: fc.option(branch, { nil: [], freq: 3 }),
      kind: fc.constantFrom(
        "json" as const,
        "json" as const,
        "json" as const,
        "json" as const,
        "none" as const,
        "any" as const,
        "string" as const,
      ),
      after: fc.option(list(3), { nil: [], freq: 5 }),
      stopOn: fc.option(list(2), { nil: [], freq: 3 }),
      none: fc.option(none, { nil: [], freq: 3 }),
    })
    .map(({ branch: wanted, kind, after, stopOn, none: unless }) => {
      const entries: readonly (readonly [string, boolean])[] = unless;
      const own = kind === "json" ? wanted : [];
      const target = own[0]?.target;
      const activateOnNone = entries.map(([other, isBranched]) => ({
        state: other,
        branch: isBranched && target !== undefined ? { target, source: target === "id" ? "u" : "id" } : undefined,
      }));
      return state(name, { payload: kind, branch: own, after, stopOn, activateOnNone });
    });
}

/** Programs without positive cycles, with everything that SPEC 3 has but auto-payload. */
export const openUnits: fc.Arbitrary<UnitSet> = fc
  .tuple(...DERIVED.map(derivedState))
  .map((derived) => unitSet({ states: [...BASES, ...derived] }))
  .filter(loads);

const RING = ["d0", "d1", "d2", "d3"];
export const CYCLIC_NAMES: readonly string[] = ["b0", "b1", ...RING];

function ringState(name: string): fc.Arbitrary<StateDecl> {
  const others = RING.filter((other) => other !== name);
  const branches = [[], fields("id"), fields("id:u"), fields("u:id"), fields("id", "u"), fields("id:u", "u:id")];
  return fc
    .record({
      branch: fc.constantFrom(...branches),
      ways: fc.array(fc.array(fc.constantFrom(...others, ...others, "b0", "b1"), { minLength: 1, maxLength: 2 }), {
        minLength: 1,
        maxLength: 3,
      }),
      without: fc.option(fc.constantFrom("b0", "b1"), { nil: undefined, freq: 2 }),
      stop: fc.option(fc.constantFrom("b0", "b1"), { nil: undefined, freq: 3 }),
      isNone: fc.constantFrom(false, false, false, false, true),
    })
    .map(({ branch: own, ways, without, stop, isNone }) => {
      const after = [any(...ways.map((way) => all(...way.map((other) => S(other))))), ...(without === undefined ? [] : [not(S(without))])];
      const stopOn = stop === undefined ? [] : [S(stop)];
      return isNone ? state(name, { payload: "none", after, stopOn }) : state(name, { branch: own, after, stopOn });
    });
}

/** Programs most of whose states depend on each other in circles. */
export const cyclicUnits: fc.Arbitrary<UnitSet> = fc
  .tuple(...RING.map(ringState))
  .map((ring) => unitSet({ states: [state("b0"), state("b1"), ...ring] }))
  .filter(loads);

/** Whether the units have neither errors nor warnings. */
export function loads(units: UnitSet): boolean {
  return compile(units).findings.length === 0;
}

/** Changes of these states; some of them will be refused. */
export function changesOf(names: readonly string[]): fc.Arbitrary<Change[]> {
  const name = fc.constantFrom(...names);
  const set = fc.record({ op: fc.constant("set" as const), state: name, payload, replace: fc.boolean() });
  const unset = fc.record({ op: fc.constant("unset" as const), state: name, filter: payload });
  const unsetAll = fc.record({ op: fc.constant("unset" as const), state: name, filter: fc.constant(undefined) });
  const bare = fc.record({ op: fc.constant("set" as const), state: name, payload: fc.constant(undefined), replace: fc.constant(false) });
  const text = fc.record({
    op: fc.constant("set" as const),
    state: name,
    payload: fc.constantFrom<Json>("x", "y", 1),
    replace: fc.constant(false),
  });
  const gates = names.filter((one) => one === "b3" || one === "b4");
  const gate = fc
    .constantFrom("b3", "b4")
    .map((one): Change => ({ op: "set", state: one, payload: one === "b3" ? "x" : undefined, replace: false }));
  return fc.array(
    fc.oneof(
      { weight: gates.length, arbitrary: gate },
      { weight: 8, arbitrary: set },
      { weight: 4, arbitrary: unset },
      { weight: 1, arbitrary: unsetAll },
      { weight: 1, arbitrary: bare },
      { weight: 1, arbitrary: text },
    ),
    { minLength: 3, maxLength: 25, size: "max" },
  );
}
