import { Flow } from "../../src/flow/flow.ts";
import { compile } from "../../src/flow/program.ts";
import type { Json } from "../../src/model/json.ts";
import type { StateDecl } from "../../src/model/unit-set.ts";
import { any, not, S, state, unitSet } from "../../test/support/decls.ts";
import { fields } from "../../test/support/flow-rig.ts";
import { heapUsed, report, rounded, timed } from "../support/measure.ts";

/** N branches set one by one, each a step of its own, and unset again, under six shapes of what hangs on them: time must grow linearly. */

const SIZES = [25_000, 50_000, 100_000];
const REPEATS = 3;

const SHAPES: readonly (readonly [string, readonly StateDecl[]])[] = [
  ["base state alone", []],
  ["a derived copy", [state("B", { after: [S("A")] })]],
  [
    "two derived in a chain, mapped, not, stop-on",
    [
      state("M"),
      state("B", { branch: fields("id", "u"), after: [S("A"), not(S("M"))] }),
      state("C", { branch: fields("u"), after: [S("B")], stopOn: [S("M")] }),
    ],
  ],
  ["all into one derived branch", [state("B", { payload: "none", after: [S("A")] })]],
  ["all into ten mapped branches", [state("B", { branch: fields("v"), after: [S("A")] })]],
  ["all into one copied branch", [state("B", { payload: "any", after: [S("A")] })]],
  [
    "positive cycle of two",
    [state("B", { branch: fields("id"), after: [any(S("A"), S("C"))] }), state("C", { branch: fields("id"), after: [S("B")] })],
  ],
];

function payloadOf(i: number): Json {
  return { id: i, u: `user${i}`, v: i % 10 };
}

function measure(states: readonly StateDecl[], size: number): { set: number; unset: number; bytes: number } {
  const flow = new Flow(compile(unitSet({ states: [state("A"), ...states] })).program);
  flow.boot([]);
  const empty = heapUsed();
  const set = timed(() => {
    for (let i = 0; i < size; i++) flow.step([{ op: "set", state: "A", payload: payloadOf(i), replace: false }], new Set());
  });
  const bytes = heapUsed() - empty;
  const unset = timed(() => {
    for (let i = 0; i < size; i++) flow.step([{ op: "unset", state: "A", filter: { id: i } }], new Set());
  });
  return { set, unset, bytes };
}

for (const [shape, states] of SHAPES) {
  measure(states, 2_000);
  const best = SIZES.map((size) => {
    const runs = Array.from({ length: REPEATS }, () => measure(states, size));
    const least = (key: "set" | "unset" | "bytes"): number => Math.min(...runs.map((run) => run[key]));
    return { size, set: least("set"), unset: least("unset"), bytes: least("bytes") / size };
  });
  report("flow-branches", {
    shape,
    branches: SIZES,
    set_ms: best.map(({ set }) => rounded(set, 0)),
    unset_ms: best.map(({ unset }) => rounded(unset, 0)),
    set_doublings: best.slice(1).map(({ set }, i) => rounded(set / (best[i]?.set ?? 1))),
    unset_doublings: best.slice(1).map(({ unset }, i) => rounded(unset / (best[i]?.unset ?? 1))),
    bytes_per_branch: rounded(best.at(-1)?.bytes ?? 0, 0),
  });
}
