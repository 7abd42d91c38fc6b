import { Flow } from "../../src/flow/flow.ts";
import { compile } from "../../src/flow/program.ts";
import type { Change } from "../../src/model/change.ts";
import type { Json } from "../../src/model/json.ts";
import type { StateDecl } from "../../src/model/unit-set.ts";
import { any, not, S, state, unitSet } from "../../test/support/decls.ts";
import { fields } from "../../test/support/flow-rig.ts";
import { cpuTimed, heapUsed, report, rounded, timed } from "../support/measure.ts";

/** N branches set one by one, each a step of its own, and unset again, under six shapes of what hangs on them: time must grow linearly. */

const SIZES = [25_000, 50_000, 100_000];
const REPEATS = 4;

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

interface Run {
  readonly set: number;
  readonly unset: number;
  readonly setCpu: number;
  readonly unsetCpu: number;
  readonly bytes: number;
}

function measure(states: readonly StateDecl[], size: number): Run {
  const flow = new Flow(compile(unitSet({ states: [state("A"), ...states] })).program);
  flow.boot([]);
  const each = (change: (i: number) => Change): { wall: number; cpu: number } => {
    let wall = 0;
    const cpu = cpuTimed(() => {
      wall = timed(() => {
        for (let i = 0; i < size; i++) flow.step([change(i)], new Set());
      });
    });
    return { wall, cpu };
  };
  const empty = heapUsed();
  const set = each((i) => ({ op: "set", state: "A", payload: payloadOf(i), replace: false }));
  const bytes = (heapUsed() - empty) / size;
  const unset = each((i) => ({ op: "unset", state: "A", filter: { id: i } }));
  return { set: set.wall, unset: unset.wall, setCpu: set.cpu, unsetCpu: unset.cpu, bytes };
}

for (const [shape, states] of SHAPES) {
  measure(states, 10_000);
  const runs = SIZES.map((size) => Array.from({ length: REPEATS }, () => measure(states, size)));
  const best = (key: keyof Run): readonly number[] => runs.map((of) => Math.min(...of.map((run) => run[key])));
  const doublings = (key: keyof Run): readonly number[] => {
    const times = best(key);
    return times.slice(1).map((time, i) => rounded(time / (times[i] ?? time)));
  };
  report("flow-branches", {
    shape,
    branches: SIZES,
    set_ms: best("set").map((ms) => rounded(ms, 0)),
    unset_ms: best("unset").map((ms) => rounded(ms, 0)),
    set_cpu_doublings: doublings("setCpu"),
    unset_cpu_doublings: doublings("unsetCpu"),
    bytes_per_branch: rounded(best("bytes").at(-1) ?? 0, 0),
  });
}
