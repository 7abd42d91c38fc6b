import { Flow } from "../../src/flow/flow.ts";
import { compile } from "../../src/flow/program.ts";
import type { Change } from "../../src/model/change.ts";
import { S, state, unitSet } from "../../test/support/decls.ts";
import { fields } from "../../test/support/flow-rig.ts";
import { bestOf, report, rounded, timed } from "../support/measure.ts";

/** One step with 100,000 changes, and one change through a chain of N derived states. */

const MANY = 100_000;
const CHAINS = [1_000, 10_000, 100_000];

function wholeStep(): { set: number; unset: number } {
  const flow = new Flow(compile(unitSet({ states: [state("A"), state("B", { after: [S("A")] })] })).program);
  flow.boot([]);
  const changes = Array.from({ length: MANY }, (_, i): Change => {
    return { op: "set", state: "A", payload: { id: i, u: `user${i}`, v: i % 10 }, replace: false };
  });
  const set = timed(() => flow.step(changes, new Set()));
  const unset = timed(() => flow.step([{ op: "unset", state: "A", filter: undefined }], new Set()));
  return { set, unset };
}

const steps = Array.from({ length: 3 }, wholeStep);
report("flow-step", {
  shape: "all branches in one step, with a derived copy",
  branches: MANY,
  set_ms: rounded(Math.min(...steps.map(({ set }) => set)), 0),
  unset_ms: rounded(Math.min(...steps.map(({ unset }) => unset)), 0),
});

for (const length of CHAINS) {
  const states = Array.from({ length }, (_, i) => state(`d${i}`, { branch: fields("id"), after: i === 0 ? [] : [S(`d${i - 1}`)] }));
  const units = unitSet({ states });
  let set = Number.POSITIVE_INFINITY;
  const build = bestOf(3, () => {
    let flow: Flow | undefined;
    const compiled = timed(() => {
      flow = new Flow(compile(units).program);
      flow.boot([]);
    });
    set = Math.min(
      set,
      timed(() => flow?.step([{ op: "set", state: "d0", payload: { id: 1 }, replace: false }], new Set())),
    );
    return compiled;
  });
  report("flow-chain", { derived_states: length, compile_ms: rounded(build, 0), set_ms: rounded(set, 1) });
}
