import type { Change } from "../../src/model/change.ts";
import type { Json } from "../../src/model/json.ts";
import type { ServiceDecl } from "../../src/model/unit-set.ts";
import { branching, G, S, service, signal, state, V } from "../../test/support/decls.ts";
import { engine } from "../support/engine.ts";
import { heapUsed, median, report, rounded, timed } from "../support/measure.ts";

const set = (name: string, payload: Json): Change => ({ op: "set", state: name, payload, replace: false });
const unset = (name: string, filter?: Json): Change => ({ op: "unset", state: name, filter });
const emit = (name: string): Change => ({ op: "emit", signal: name, payload: null });
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Cost per event must depend on who listens, not on how many services are declared. */
function declared(): void {
  const sizes = [10, 10_000];
  const engines = sizes.map((size) => {
    const services = numbers(size).map((i) => service(`g@s${i}`, { startOn: [G(`g@x${i}`), S(`g@a${i}`)] }));
    const units = { states: numbers(size).map((i) => state(`g@a${i}`)), signals: numbers(size).map((i) => signal(`g@x${i}`)), services };
    let made: ReturnType<typeof engine> | undefined;
    const ms = timed(() => {
      made = engine(units);
    });
    report("compile and guard services with a state and a signal each", { services: size, ms: rounded(ms, 0) });
    if (made === undefined) throw new Error("not made");
    return made;
  });
  const emits: number[][] = sizes.map(() => []);
  const pairs: number[][] = sizes.map(() => []);
  for (let round = 0; round < 15; round++) {
    for (const [i, { make }] of engines.entries()) {
      emits[i]?.push((timed(() => numbers(20_000).forEach(() => make(emit("g@x3")))) * 1_000) / 20_000);
      pairs[i]?.push(
        (timed(() => {
          for (let k = 0; k < 5_000; k++) {
            make(set("g@a4", { id: k & 7 }));
            make(unset("g@a4"));
          }
        }) *
          1_000) /
          5_000,
      );
    }
  }
  const [few = 0, many = 0] = emits.map(median);
  report("emit that one guard hears, with 10 and with 10,000 services declared", {
    us10: rounded(few),
    us10000: rounded(many),
    ratio: rounded(many / few),
  });
  const [fewPairs = 0, manyPairs = 0] = pairs.map(median);
  report("set and unset that one guard hears, with 10 and with 10,000 declared", {
    us10: rounded(fewPairs),
    us10000: rounded(manyPairs),
    ratio: rounded(manyPairs / fewPairs),
  });
}

function startAll(): void {
  for (const size of [1_000, 10_000]) {
    const services: ServiceDecl[] = numbers(size).map((i) => service(`g@s${i}`, { startOn: [S("g@A")] }));
    const { make, launched } = engine({ states: [state("g@A")], services });
    const ms = timed(() => make(set("g@A", { id: 1 })));
    if (launched() !== size) throw new Error(`${launched()} of ${size} were launched`);
    report("one set that starts all services", { services: size, ms: rounded(ms, 0) });
  }
}

function instances(): void {
  for (const size of [1_000, 10_000]) {
    const field = [{ target: "user", source: "user" }];
    const { make, supervisor } = engine({
      states: [state("g@A", { branch: field }), state("g@lock", { branch: field })],
      services: [service("g@s", { branching: branching("g@A", "user"), stopOn: [S("g@lock")] })],
    });
    const before = heapUsed();
    const started = timed(() => numbers(size).forEach((i) => make(set("g@A", { user: `u${i}` }))));
    const bytes = (heapUsed() - before) / size;
    const changed = timed(() => numbers(2_000).forEach((i) => make(set("g@A", { user: "u5", z: i }))));
    const stopped = timed(() => numbers(1_000).forEach((i) => make(set("g@lock", { user: `u${i}` }))));
    const running = [...supervisor.instances.all()].filter(({ phase }) => phase === "running").length;
    if (running !== size - 1_000) throw new Error(`${running} of ${size - 1_000} run`);
    const all = timed(() => make(unset("g@A")));
    report("one instance per branch", {
      instances: size,
      us_per_instance: rounded((started * 1_000) / size, 1),
      bytes_per_instance: rounded(bytes, 0),
      us_per_change_of_one_payload: rounded((changed * 1_000) / 2_000, 1),
      us_per_stop_by_key: rounded(stopped, 1),
      ms_for_unset_of_all: rounded(all, 0),
    });
  }
}

/** Services that each wait for the one before: a change must not touch those who wait for others. */
function serviceConditions(): void {
  for (const size of [1_000, 10_000]) {
    const services = numbers(size).map((i) => service(`g@s${i}`, { startOn: i === 0 ? [G("g@go")] : [V(`g@s${i - 1}`)] }));
    const { make, launched } = engine({ signals: [signal("g@go")], services });
    const ms = timed(() => make(emit("g@go")));
    if (launched() !== size) throw new Error(`${launched()} of ${size} were launched`);
    report("a chain of services, each waiting for the one before", { services: size, us_per_link: rounded((ms * 1_000) / size, 1) });
  }
}

declared();
startAll();
instances();
serviceConditions();
