import { compile } from "../../src/flow/program.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { LogRing } from "../../src/log/log-ring.ts";
import type { Change } from "../../src/model/change.ts";
import type { UnitSet } from "../../src/model/unit-set.ts";
import type { Launcher } from "../../src/process/launcher.ts";
import { Supervisor } from "../../src/supervisor/supervisor.ts";
import { unitSet } from "../../test/support/decls.ts";
import type { Store } from "../../src/persist/store.ts";
import { quietLog } from "../../test/support/quiet-log.ts";

/** Time that stands still: no timer ever fires. */
const stillClock: Clock = { now: () => 0, date: () => 0, setTimeout: () => 0, clearTimeout: () => {} };

/** Keeps nothing: its memory is not what is weighed. */
const noStore: Store = { entries: new Map(), append: () => {}, flush: () => Promise.resolve(), close: () => Promise.resolve() };

/** A supervisor whose processes cost nothing and live until they are told to end: what is measured is Rind. */
export function engine(given: Partial<UnitSet>) {
  const units = unitSet(given);
  let launched = 0;
  const launcher: Launcher = {
    launch: (_, listener) => {
      launched++;
      let alive = true;
      const signal = (): boolean => {
        if (alive) {
          alive = false;
          listener.exited({ kind: "killed", by: "SIGTERM" });
        }
        return true;
      };
      const still = (): void => {};
      listener.started({
        pid: launched,
        signal,
        signalMain: signal,
        mainPid: () => 1,
        nameMain: () => {},
        alive: () => false,
        living: () => [],
        whenGone: () => still,
        pauseOutput: still,
        resumeOutput: still,
      });
    },
  };
  const supervisor = new Supervisor({
    units,
    program: compile(units).program,
    clock: stillClock,
    launcher,
    store: noStore,
    ring: new LogRing(() => 0),
    log: quietLog(),
    bootId: "",
    pidStart: () => "",
    env: {},
    baseEnv: {},
    project: "/",
    socket: undefined,
  });
  void supervisor.boot();
  return {
    supervisor,
    /** One outside event each. */
    make: (change: Change): void => supervisor.door.submit({ what: change.op, act: (cause) => supervisor.apply([change], [cause]) }),
    launched: () => launched,
  };
}
