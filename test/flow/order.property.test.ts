import fc from "fast-check";
import { expect, test } from "vitest";
import type { ServiceIs } from "../../src/model/condition.ts";
import { equalJson } from "../../src/flow/payload.ts";
import type { Json } from "../../src/model/json.ts";
import { hasProcess, isDown, isUp } from "../../src/model/phase.ts";
import type { RequiredItem, ServiceDecl, UnitSet } from "../../src/model/unit-set.ts";
import { waitingFor } from "../../src/supervisor/waiting.ts";
import { loads } from "../support/arbitrary-units.ts";
import { branching, readyByLog, S, service, state, unitSet } from "../support/decls.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../support/property-runs.ts";
import { rig } from "../support/rig.ts";

const NAMES = ["s0", "s1", "s2", "s3", "s4", "s5"];
const STATES = ["A", "B"];
const KEYS = ["x", "y"];
const SAYS_READY = readyByLog("ready");

type Rig = ReturnType<typeof rig>;

const is = fc.constantFrom<ServiceIs>("ready", "ready", "ready", "started", "completed", "succeeded");
const item = (names: readonly string[]): fc.Arbitrary<{ service: string; is: ServiceIs }> =>
  fc.record({ service: fc.constantFrom(...names), is });
const perhaps = <T>(of: fc.Arbitrary<T>, freq: number): fc.Arbitrary<T[]> =>
  fc.option(of, { nil: undefined, freq }).map((one) => (one === undefined ? [] : [one]));

/** After and requires look at services before it, so that they make no circle; wants and conflicts at any. */
function arbitraryService(name: string, at: number): fc.Arbitrary<ServiceDecl> {
  const before = NAMES.slice(0, at);
  const others = NAMES.filter((other) => other !== name);
  const onLoss = fc.constantFrom<RequiredItem["onLoss"]>("stop", "stop", "stop", "restart", "ignore");
  const required = fc.tuple(item(before.length === 0 ? others : before), onLoss).map(([one, loss]) => ({ ...one, onLoss: loss }));
  return fc
    .record({
      startOn: perhaps(fc.constantFrom(...STATES), 2),
      stopOn: perhaps(fc.constantFrom(...STATES), 1),
      status: fc.constantFrom<ServiceDecl["status"]>("start", "start", "start", "stop"),
      oneshot: fc.boolean(),
      ready: fc.boolean(),
      after: at === 0 ? fc.constant([]) : perhaps(item(before), 1),
      requires: at === 0 ? fc.constant([]) : perhaps(required, 4),
      wants: perhaps(item(others), 2),
      conflicts: perhaps(fc.constantFrom(...others), 2),
      branches: fc.constantFrom(false, false, true),
    })
    .map(({ startOn, stopOn, oneshot, ready, branches, ...given }) =>
      service(name, {
        ...given,
        startOn: startOn.map((one) => S(one)),
        stopOn: stopOn.map((one) => S(one)),
        bound: true,
        type: oneshot ? "oneshot" : "simple",
        ready: ready && !oneshot ? SAYS_READY : undefined,
        restart: { ...service("x").restart, maxRetries: 2, maxDelayMs: 2_000 },
        branching: branches ? branching("K", "key") : undefined,
      }),
    );
}

const PRISTINE = service("x");

/** What a counterexample shows of a service: where it differs from one with defaults only. */
function differences(decl: ServiceDecl): string {
  return JSON.stringify(Object.entries(decl).filter(([field, value]) => !equalJson(value as Json, PRISTINE[field as "name"] as Json)));
}

const program = fc
  .tuple(...NAMES.map(arbitraryService))
  .map((services) => ({
    ...unitSet({
      states: [...STATES.map((name) => state(name, { payload: "none" })), state("K", { branch: [{ target: "key", source: "key" }] })],
      services,
    }),
    [fc.toStringMethod]: () => services.map(differences).join("\n"),
  }))
  .filter(loads);

const name = fc.constantFrom(...NAMES);
const happening = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("set" as const, "unset" as const), what: fc.constantFrom(...STATES) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("appear" as const, "go" as const), what: fc.constantFrom(...KEYS) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("start" as const, "stop" as const, "restart" as const), what: name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("force start" as const, "force stop" as const), what: name }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("succeed" as const, "fail" as const, "say ready" as const), what: name }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), what: fc.constantFrom("1", "3", "2000") }) },
);

function happen(r: Rig, { do: what, what: whom }: { readonly do: string; readonly what: string }): void {
  const act = (work: (cause: number) => void): void => r.supervisor.door.submit({ what, act: work, failed: () => {} });
  const change = (set: boolean, of: string, payload: { key: string } | undefined): void =>
    act((cause) =>
      r.supervisor.apply([set ? { op: "set", state: of, payload, replace: false } : { op: "unset", state: of, filter: payload }], [cause]),
    );
  const running = r.up().filter((instance) => instance === whom || instance.startsWith(`${whom}/`));
  if (what === "set" || what === "unset") change(what === "set", whom, undefined);
  else if (what === "appear" || what === "go") change(what === "appear", "K", { key: whom });
  else if (what === "wait") r.clock.advance(Number(whom));
  else if (what === "succeed" || what === "fail") for (const instance of running) r.launcher.exit(instance, what === "fail" ? 1 : 0);
  else if (what === "say ready") for (const instance of running) r.launcher.print(instance, "ready\n");
  else {
    const action = what.endsWith("start") ? (what === "restart" ? "restart" : "start") : "stop";
    act((cause) => r.supervisor.demands.byHand(whom, action, { force: what.startsWith("force"), cause, reason: what }));
  }
}

const keyOf = (instance: string): string => instance.split("/")[1] ?? "";
const serviceOf = (instance: string): string => instance.split("/")[0] ?? "";

/** Whether the two are about each other: of services that pair, instances of one key. */
function concerns(r: Rig, one: string, other: string): boolean {
  const branches = (instance: string): boolean => r.supervisor.index.services.get(serviceOf(instance))?.branching !== undefined;
  return !branches(one) || !branches(other) || keyOf(one) === keyOf(other);
}

function expectNoConflict(r: Rig, units: UnitSet): void {
  const up = r.up();
  for (const { name: own, conflicts } of units.services) {
    for (const one of up.filter((instance) => serviceOf(instance) === own)) {
      expect(up.filter((other) => conflicts.includes(serviceOf(other)) && concerns(r, one, other))).toEqual([]);
    }
  }
}

/** Those that lose their ground when this one is stopped, and live. */
function livingDependents(r: Rig, units: UnitSet, stopped: string): string[] {
  const follows = ({ service: of, is: asked, onLoss }: RequiredItem): boolean =>
    of === serviceOf(stopped) && onLoss !== "ignore" && (asked === "ready" || asked === "started");
  const dependents = units.services.filter(({ requires }) => requires.some(follows)).map((decl) => decl.name);
  const { bornFact = 0 } = r.supervisor.instances.get(stopped) ?? {};
  const startedBeside = (instance: string): boolean => (r.supervisor.instances.get(instance)?.runFact ?? 0) < bornFact;
  return r.up().filter((one) => dependents.includes(serviceOf(one)) && concerns(r, one, stopped) && !startedBeside(one));
}

/** Each polite stop that was asked for came when nobody who requires it was left. */
function expectStopOrder(r: Rig, units: UnitSet, asked: readonly string[]): number {
  let seen = 0;
  for (const one of asked) {
    const stopped = one.startsWith("SIGTERM ") ? one.slice(8) : undefined;
    const instance = stopped === undefined ? undefined : r.supervisor.instances.get(stopped);
    if (stopped === undefined || instance === undefined || instance.gone) continue;
    const last = r.supervisor.history.last(1, (fact) => fact.kind === "request" && fact.instance === stopped && fact.action !== "start")[0];
    if (last?.kind !== "request" || last.action !== "stop") continue;
    expect([stopped, livingDependents(r, units, stopped)]).toEqual([stopped, []]);
    seen++;
  }
  return seen;
}

function expectRest(r: Rig): { blocked: number; running: number } {
  const all = [...r.supervisor.instances.all()];
  for (const instance of all) {
    const { phase, decl, key, name: own } = instance;
    const judgement = r.supervisor.guards.get(decl.name)?.judgements.get(key);
    const waiting = waitingFor(r.supervisor, decl, key);
    const neverReady = phase === "starting" && decl.ready !== undefined && instance.context.up;
    expect([own, phase === "stopping" || phase === "backoff" || (phase === "starting" && !neverReady)]).toEqual([own, false]);
    expect([own, phase, judgement?.wanted]).toEqual([own, phase, !isDown(phase)]);
    expect([own, phase, phase === "blocked" && waiting.length === 0]).toEqual([own, phase, false]);
    if (judgement?.wanted === true) expect([own, judgement.open, waiting]).toEqual([own, waiting.length === 0, waiting]);
    if (!hasProcess(phase)) continue;
    for (const { service: of, is: asked, onLoss } of decl.requires) {
      if (onLoss !== "stop" || (asked !== "ready" && asked !== "started")) continue;
      const others = all.filter(
        (other) => other.service === of && concerns(r, own, other.name) && other.runFact !== 0 && other.bornFact <= instance.runFact,
      );
      const there = others.filter(
        (other) => isUp(other.phase) || (other.decl.type === "oneshot" && other.context.outcome === "success" && other.phase === "exited"),
      );
      expect([own, there.map((other) => other.name)]).toEqual([own, others.map((other) => other.name)]);
    }
  }
  return { blocked: all.filter(({ phase }) => phase === "blocked").length, running: r.up().length };
}

test(
  "whatever happens, order holds: no conflict, no stop before dependents, nobody up without what it requires, nobody down without a reason",
  () => {
    const reached = { blocked: 0, running: 0, stops: 0 };
    fc.assert(
      fc.property(program, fc.array(happening, { minLength: 5, maxLength: 30, size: "max" }), (units, steps) => {
        const r = rig(units);
        let looked = 0;
        const look = (): void => {
          expectNoConflict(r, units);
          reached.stops += expectStopOrder(r, units, r.launcher.asked.slice(looked));
          looked = r.launcher.asked.length;
        };
        for (const step of steps) {
          happen(r, step);
          look();
          for (let ms = 0; ms < 2; ms++) {
            r.clock.advance(1);
            look();
          }
        }
        for (let ms = 0; ms < 60; ms++) {
          r.clock.advance(1);
          look();
        }
        r.rest();
        const { blocked, running } = expectRest(r);
        expectNoConflict(r, units);
        reached.blocked += blocked;
        reached.running += running;
        expect(r.logged.filter(({ level, message }) => level === "error" && message.includes("fault"))).toEqual([]);
        expect(r.logged.filter(({ message }) => message.includes("was cut"))).toEqual([]);
      }),
      { numRuns: PROPERTY_RUNS },
    );
    expect(reached.blocked).toBeGreaterThan(PROPERTY_RUNS / 4);
    expect(reached.running).toBeGreaterThan(PROPERTY_RUNS / 2);
    expect(reached.stops).toBeGreaterThan(PROPERTY_RUNS / 4);
  },
  PROPERTY_TIMEOUT_MS,
);
