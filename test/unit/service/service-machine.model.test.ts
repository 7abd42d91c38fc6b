import fc from "fast-check";
import { expect, test } from "vitest";
import { PHASES, type Phase } from "../../../src/model/phase.ts";
import type { InstanceEvent } from "../../../src/service/instance-events.ts";
import { exited, machineRig, START, STARTED, STOP } from "./machine-rig.ts";

/** SPEC 6.3: no other edge is ever observed. */
const EDGES: Readonly<Record<Phase, readonly Phase[]>> = {
  inactive: ["blocked", "starting"],
  blocked: ["starting", "inactive"],
  starting: ["running", "stopping", "backoff", "failed"],
  running: ["stopping", "backoff", "exited", "failed"],
  stopping: ["exited", "blocked", "starting", "backoff", "failed"],
  backoff: ["starting", "blocked", "exited"],
  exited: ["blocked", "starting"],
  failed: ["blocked", "starting"],
};

const RUNS = Number(process.env["RIND_RUNS"] ?? 400) * 2;

type Step =
  | { readonly do: "ask"; readonly event: InstanceEvent }
  /** What is told of a process that is there. */
  | { readonly do: "tell"; readonly event: InstanceEvent }
  | { readonly do: "exit"; readonly code: number; readonly left: boolean }
  | { readonly do: "gone" }
  | { readonly do: "wait"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ open: fc.boolean(), circle: fc.boolean(), by: fc.constantFrom("hand" as const, "conditions" as const) })
      .map(({ open, circle, by }): Step => ({ do: "ask", event: { ...START, open, circle: circle && by === "conditions", by } })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ force: fc.boolean(), hold: fc.boolean() })
      .map((how): Step => ({ do: "ask", event: { type: "service.stop", ...how, reason: "stop" } })),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ do: "ask", event: { type: "stop.released" } }) },
  {
    weight: 3,
    arbitrary: fc.boolean().map((ready): Step => ({ do: "tell", event: { type: "ready.changed", ready, reason: "probe" } })),
  },
  {
    weight: 2,
    arbitrary: fc.boolean().map((healthy): Step => ({ do: "tell", event: { type: "health.changed", healthy, reason: "probe" } })),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "tell", event: { type: "watchdog.missed", reason: "silent" } }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "tell", event: { type: "start.extended", ms: 3_000 } }) },
  {
    weight: 1,
    arbitrary: fc.boolean().map((circle): Step => ({ do: "ask", event: { type: "service.restart", circle, reason: "restart" } })),
  },
  { weight: 2, arbitrary: fc.boolean().map((open): Step => ({ do: "ask", event: { type: "gate.changed", open } })) },
  { weight: 4, arbitrary: fc.record({ code: fc.constantFrom(0, 1), left: fc.boolean() }).map((exit): Step => ({ do: "exit", ...exit })) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: "gone" }) },
  { weight: 3, arbitrary: fc.constantFrom(1, 500, 1_000, 5_000, 40_000).map((ms): Step => ({ do: "wait", ms })) },
);
const policy = fc
  .record({
    type: fc.constantFrom("simple" as const, "oneshot" as const),
    startTimeoutMs: fc.constantFrom(undefined, 2_000),
    readyDelayMs: fc.constantFrom(undefined, 0, 1_000),
    onUnhealthy: fc.constantFrom(undefined, "ignore" as const, "restart" as const, "stop" as const),
    onWatchdog: fc.constantFrom("restart" as const, "stop" as const, "abort" as const),
    restart: fc.record({
      on: fc.constantFrom("always" as const, "on-failure" as const, "never" as const),
      maxRetries: fc.constantFrom(0, 1, 3),
      windowMs: fc.constantFrom(undefined, undefined, 5_000),
    }),
  })
  // a oneshot is ready when it has succeeded
  .map((made) => (made.type === "oneshot" ? { ...made, readyDelayMs: undefined } : made));

/** A machine with the process that it believes in: launched, up, ended with something left, gone. */
function play(options: Parameters<typeof machineRig>[0], steps: readonly Step[]) {
  const rig = machineRig(options);
  const edges = new Set<string>();
  let alive = false;
  let left = false;
  /** Since the last launch. */
  let ends: string[] = [];
  let seen = 0;
  let told = 1;
  const catchUp = (): void => {
    for (; seen < rig.asked.length; seen++) {
      const asked = rig.asked[seen];
      if (asked !== "launch") {
        ends.push(asked ?? "");
        continue;
      }
      expect([alive, left]).toEqual([false, false]);
      alive = true;
      ends = [];
      rig.send(STARTED);
    }
    for (; told < rig.phases.length; told++) edges.add(`${rig.phases[told - 1]} -> ${rig.phases[told]}`);
  };
  for (const one of steps) {
    if (one.do === "ask") rig.send(one.event);
    else if (one.do === "tell") {
      if (alive) rig.send(one.event);
    } else if (one.do === "wait") rig.clock.advance(one.ms);
    else if (one.do === "exit" && alive) {
      alive = false;
      left = one.left;
      rig.send(exited(one.code, one.left));
    } else if (one.do === "gone" && left) {
      left = false;
      rig.send({ type: "process.gone" });
    }
    catchUp();
    expect(alive || left).toBe(["starting", "running", "stopping"].includes(rig.phase()));
    expect(ends.filter((asked) => asked !== "kill").length).toBeLessThanOrEqual(1);
    expect(rig.context().retries).toBeLessThanOrEqual(rig.context().policy.restart.maxRetries);
    if (rig.phase() === "running") expect([rig.context().up, ends]).toEqual([true, []]);
    if (rig.phase() === "stopping") expect(rig.context().hold).toBe(ends.length === 0);
  }
  const settle = (): void => {
    rig.send({ type: "service.stop", force: false, hold: false, reason: "end" });
    if (alive) rig.send(exited(0));
    else if (left) rig.send({ type: "process.gone" });
    catchUp();
  };
  return { rig, edges, settle };
}

test("004-M1, 004-M10: whatever happens, only the edges of the table are observed, and no process is started beside another or asked to end twice", () => {
  fc.assert(
    fc.property(policy, fc.array(step, { maxLength: 40 }), (options, steps) => {
      for (const edge of play(options, steps).edges) {
        const [from] = edge.split(" -> ") as [Phase];
        expect(EDGES[from].map((next) => `${from} -> ${next}`)).toContain(edge);
      }
    }),
    { numRuns: RUNS },
  );
});

test("004-M9: every edge of the table is there", () => {
  const closed = { ...START, open: false };
  const shut: InstanceEvent = { type: "gate.changed", open: false };
  const gone: InstanceEvent = { type: "process.gone" };
  const refused = (kind: "system" | "not-found"): InstanceEvent => ({ type: "process.refused", failure: { kind, message: "refused" } });
  const { policy: usual } = machineRig().context();
  const never: InstanceEvent = { type: "policy.changed", policy: { ...usual, restart: { ...usual.restart, on: "never" } } };
  const up = [START, STARTED];
  const done = [...up, exited(0)];
  const failed = [START, refused("not-found")];
  const walks: Readonly<Record<string, readonly InstanceEvent[]>> = {
    "inactive -> blocked": [closed],
    "inactive -> starting": [START],
    "blocked -> starting": [closed, { type: "gate.changed", open: true }],
    "blocked -> inactive": [closed, STOP],
    "starting -> running": up,
    "starting -> stopping": [START, STOP],
    "starting -> backoff": [START, refused("system")],
    "starting -> failed": failed,
    "running -> stopping": [...up, STOP],
    "running -> backoff": [...up, exited(1)],
    "running -> exited": done,
    "running -> failed": [...up, never, exited(1)],
    "stopping -> exited": [...up, STOP, exited(0)],
    "stopping -> blocked": [...up, STOP, closed, exited(0)],
    "stopping -> starting": [...up, STOP, START, exited(0)],
    "stopping -> backoff": [...up, exited(1, true), gone],
    "stopping -> failed": [...up, never, exited(1, true), gone],
    "backoff -> starting": [...up, exited(1)],
    "backoff -> blocked": [...up, exited(1), shut],
    "backoff -> exited": [...up, exited(1), STOP],
    "exited -> blocked": [...done, closed],
    "exited -> starting": [...done, START],
    "failed -> blocked": [...failed, closed],
    "failed -> starting": [...failed, START],
  };
  expect(Object.keys(walks).sort()).toEqual(PHASES.flatMap((from) => EDGES[from].map((to) => `${from} -> ${to}`)).sort());
  for (const [edge, events] of Object.entries(walks)) {
    const { send, phases, clock } = machineRig();
    send(...events);
    clock.advance(5_000);
    expect(phases.map((to, i) => `${phases[i - 1]} -> ${to}`)).toContain(edge);
  }
});

test("a stop always ends down, whatever came before", () => {
  fc.assert(
    fc.property(policy, fc.array(step, { maxLength: 40 }), (options, steps) => {
      const { rig, settle } = play(options, steps);
      settle();
      expect(["inactive", "exited", "failed"]).toContain(rig.phase());
      const asked = rig.asked.length;
      rig.clock.advance(1_000_000);
      expect(rig.asked.length).toBe(asked);
    }),
    { numRuns: RUNS },
  );
});
