import fc from "fast-check";
import { expect, test } from "vitest";
import { keyIn } from "../../src/flow/demand/count.ts";
import { holds, type Moment } from "../../src/flow/holds.ts";
import { ownField } from "../../src/flow/payload.ts";
import type { Change } from "../../src/model/change.ts";
import type { Condition } from "../../src/model/condition.ts";
import type { Json } from "../../src/model/json.ts";
import { instanceName, WHOLE } from "../../src/model/name.ts";
import type { ServiceDecl, UnitSet } from "../../src/model/unit-set.ts";
import { changesOf, conditionOver, loads, openUnits } from "../support/arbitrary-units.ts";
import { branching, G, service, signal, state } from "../support/decls.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../support/property-runs.ts";
import { rig } from "../support/rig.ts";

const SIGNALS = ["x", "y"];
const condition = conditionOver(["b3", "b4", "d0", "d1", "d4"]);

/** A service with any mix of level, trigger, stop-on, bound and branching. */
function arbitraryService(name: string): fc.Arbitrary<ServiceDecl> {
  return fc
    .record({
      startOn: fc.option(fc.array(condition, { minLength: 1, maxLength: 2 }), { nil: [], freq: 4 }),
      trigger: fc.option(fc.constantFrom(...SIGNALS), { nil: undefined, freq: 3 }),
      stopOn: fc.option(
        fc.array(fc.oneof({ weight: 4, arbitrary: condition }, { weight: 1, arbitrary: fc.constantFrom(...SIGNALS).map(G) }), {
          minLength: 1,
          maxLength: 2,
        }),
        { nil: [], freq: 3 },
      ),
      bound: fc.option(fc.boolean(), { nil: undefined, freq: 3 }),
      key: fc.option(fc.constantFrom("id", "u", "tty"), { nil: undefined, freq: 3 }),
    })
    .map(({ startOn, trigger, stopOn, bound, key }) =>
      service(name, {
        startOn: trigger === undefined ? startOn : [...startOn, G(trigger)],
        stopOn,
        bound: bound ?? stopOn.length === 0,
        ...(key === undefined ? {} : { branching: branching(key === "id" ? "b0" : "b2", key) }),
      }),
    );
}

const program: fc.Arbitrary<UnitSet> = fc
  .tuple(openUnits, arbitraryService("s0"), arbitraryService("s1"), arbitraryService("s2"))
  .map(([units, ...services]) => ({ ...units, signals: SIGNALS.map((name) => signal(name)), services }))
  .filter(loads);

type Happening = { readonly do: "change"; readonly change: Change } | { readonly do: "wait"; readonly ms: number };
const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: changesOf(["b0", "b1", "b2", "b3", "b4"]).map(
        ([change]): Happening => (change === undefined ? { do: "wait", ms: 0 } : { do: "change", change }),
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .record({ name: fc.constantFrom(...SIGNALS), payload: fc.constantFrom<Json>(null, { id: "a" }, { u: 1 }) })
        .map(({ name, payload }): Happening => ({ do: "change", change: { op: "emit", signal: name, payload } })),
    },
    { weight: 2, arbitrary: fc.nat(6).map((ms): Happening => ({ do: "wait", ms })) },
  ),
  { minLength: 1, maxLength: 25 },
);

interface Wanted {
  level: boolean;
  guard: boolean;
  blocked: boolean;
  wanted: boolean;
  held: boolean;
}

/** SPEC 6.1 read off the store after each event, with no counts and no dirty marks. */
function judge(units: UnitSet, moment: Omit<Moment, "signal">, known: Map<string, Wanted>, emitted: Moment["signal"]): void {
  for (const decl of units.services) {
    const key = decl.branching?.key;
    const keys =
      decl.branching === undefined
        ? [WHOLE]
        : [...new Set([...moment.branches(decl.branching.sourceState)].map((payload) => keyIn(payload, key)))].filter(
            (one) => one !== undefined,
          );
    const exists = new Set(keys.map((one) => instanceName(decl.name, one)));
    for (const name of known.keys()) if ((name === decl.name || name.startsWith(`${decl.name}/`)) && !exists.has(name)) known.delete(name);
    for (const one of keys) judgeOne(decl, one, moment, known, emitted);
  }
}

function judgeOne(
  decl: ServiceDecl,
  key: string,
  moment: Omit<Moment, "signal">,
  known: Map<string, Wanted>,
  emitted: Moment["signal"],
): void {
  const name = instanceName(decl.name, key);
  const old = known.get(name) ?? { level: false, guard: false, blocked: false, wanted: false, held: false };
  const sees = (payload: Json): boolean => [undefined, key].includes(keyIn(payload, decl.branching?.key));
  const at: Moment = { ...moment, sees, signal: undefined };
  const isSignal = ({ kind }: Condition): boolean => kind === "signal";
  const states = decl.startOn.filter((one) => !isSignal(one));
  const triggers = decl.startOn.filter(isSignal);
  const guard = states.every((one) => holds(one, at));
  const level = triggers.length === 0 && guard;
  const blocked = decl.stopOn.some((one) => !isSignal(one) && holds(one, at));
  const rose = level && !old.level;
  let { wanted, held } = old;
  let stopped = false;
  if (blocked && !old.blocked) {
    held = wanted || rose;
    wanted = false;
    stopped = true;
  } else if (old.guard && !guard && decl.bound) {
    wanted = false;
    held = false;
    stopped = true;
  } else if (blocked) held = rose || (held && level);
  else if (rose || (old.blocked && held && level)) {
    wanted = true;
    held = false;
  } else held = false;
  const now: Moment = { ...at, signal: emitted };
  if (emitted !== undefined) {
    if (decl.stopOn.some((one) => isSignal(one) && holds(one, now))) wanted = false;
    else if (triggers.length > 0 && guard && !blocked && !stopped && triggers.every((one) => holds(one, now))) wanted = true;
  }
  known.set(name, { level, guard, blocked, wanted, held });
}

test(
  "at rest, the running instances are those that the conditions ask for, whatever the order of declaration",
  () => {
    let running = 0;
    let branched = 0;
    let held = 0;
    fc.assert(
      fc.property(program, happenings, (units, list) => {
        const r = rig(units);
        const reversed = rig({ ...units, states: [...units.states].reverse(), services: [...units.services].reverse() });
        const { program: compiled } = r.supervisor.flow;
        const moment = {
          branches: (name: string) => r.supervisor.flow.branches(name).values(),
          kindOf: (name: string) => compiled.states.get(name)?.kind ?? ("any" as const),
        };
        const known = new Map<string, Wanted>();
        judge(units, moment, known, undefined);
        for (const happening of list) {
          if (happening.do === "wait") {
            for (const one of [r, reversed]) one.clock.advance(happening.ms);
            continue;
          }
          const { change } = happening;
          if (apply(r, change))
            judge(units, moment, known, change.op === "emit" ? { name: change.signal, payload: change.payload ?? null } : undefined);
          apply(reversed, change);
          held += [...known.values()].filter((one) => one.held).length;
        }
        for (const one of [r, reversed]) one.rest();
        const wanted = [...known]
          .filter(([, one]) => one.wanted)
          .map(([name]) => name)
          .sort();
        running += wanted.length;
        branched += wanted.filter((name) => name.includes("/")).length;
        expect(r.up()).toEqual(wanted);
        expect(reversed.up()).toEqual(wanted);
        const ready = r.api.list().services.flatMap(({ name, ready: isReady }) => (isReady === true ? [name] : []));
        const told = r
          .branches("rind@service")
          .filter((row) => ownField(row, "ready") === true)
          .map((row) => ownField(row, "id"));
        expect(told.toSorted()).toEqual(wanted);
        expect(ready.toSorted()).toEqual(wanted);
        expect(r.logged.filter(({ level }) => level === "error")).toEqual([]);
      }),
      { numRuns: PROPERTY_RUNS },
    );
    expect(running).toBeGreaterThan(PROPERTY_RUNS / 10);
    expect(branched).toBeGreaterThan(PROPERTY_RUNS / 50);
    expect(held).toBeGreaterThan(PROPERTY_RUNS / 50);
  },
  PROPERTY_TIMEOUT_MS,
);

/** False where the change is refused; nothing has happened then. */
function apply({ supervisor }: ReturnType<typeof rig>, change: Change): boolean {
  let done = false;
  supervisor.door.submit({
    what: change.op,
    act: (cause) => {
      supervisor.apply([change], [cause]);
      done = true;
    },
    failed: () => {},
  });
  return done;
}

test(
  "111: after any churn of sets, unsets, starts and stops nothing is active without a process or under a wrong name",
  () => {
    const churn = fc.array(
      fc.oneof(
        fc.record({ do: fc.constantFrom("set" as const, "unset" as const), user: fc.constantFrom("al", "bo", "cy", "di") }),
        fc.record({
          do: fc.constantFrom("start" as const, "stop" as const, "restart" as const),
          user: fc.constantFrom("al", "bo", "cy", "di"),
        }),
        fc.record({ do: fc.constantFrom("crash" as const, "wait" as const), user: fc.constantFrom("al", "bo", "cy", "di") }),
      ),
      { minLength: 60, maxLength: 120, size: "max" },
    );
    fc.assert(
      fc.property(churn, (steps) => {
        const r = rig({
          states: [state("login", { branch: [{ target: "user", source: "user" }] })],
          services: [
            service("sess", {
              branching: branching("login", "user", { maxInstances: 2 }),
              restart: { ...service("x").restart, on: "always" },
            }),
          ],
        });
        for (const { do: what, user } of steps) {
          const name = `sess/${user}`;
          if (what === "set") apply(r, { op: "set", state: "login", payload: { user }, replace: false });
          else if (what === "unset") apply(r, { op: "unset", state: "login", filter: { user } });
          else if (what === "wait") r.clock.advance(2);
          else if (what === "crash") {
            if (r.up().includes(name)) r.launcher.exit(name, 1);
          } else
            r.supervisor.door.submit({
              what,
              act: (cause) => r.supervisor.demands.byHand(name, what, { force: false, cause, reason: what }),
              failed: () => {},
            });
          for (const { phase, name: shown, key } of r.supervisor.instances.all()) {
            if (phase === "running") expect(r.up()).toContain(shown);
            expect(shown).toBe(`sess/${key}`);
          }
        }
        r.rest();
        for (const name of r.up()) expect(r.branches("login")).toContainEqual({ user: name.slice(5) });
      }),
      { numRuns: PROPERTY_RUNS / 4 },
    );
  },
  PROPERTY_TIMEOUT_MS,
);
