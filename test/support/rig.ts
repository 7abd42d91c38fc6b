import { LogRing } from "../../src/log/log-ring.ts";
import type { DaemonLog, LogFields } from "../../src/log/daemon-log.ts";
import { compile } from "../../src/flow/program.ts";
import type { Json } from "../../src/model/json.ts";
import type { Phase } from "../../src/model/phase.ts";
import type { UnitSet } from "../../src/model/unit-set.ts";
import { SupervisorApi } from "../../src/supervisor/control-api.ts";
import { Supervisor } from "../../src/supervisor/supervisor.ts";
import { FakeLauncher } from "./fake-launcher.ts";
import { FakeProber } from "./fake-prober.ts";
import { unitSet } from "./decls.ts";
import { MemoryStore } from "./memory-store.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface RigOptions {
  readonly store?: MemoryStore;
  readonly clock?: VirtualClock;
  readonly env?: NodeJS.ProcessEnv;
  readonly bootId?: string;
  readonly random?: () => number;
  /** Path of the control socket; without one no process can have a notify socket. */
  readonly socket?: string;
}

/** A whole supervisor on simulated time, with processes on paper and a store without a disk. */
export function rig(
  given: Partial<UnitSet>,
  { store = new MemoryStore(), clock = new VirtualClock(), env = {}, bootId = "boot-1", random = () => 0, socket }: RigOptions = {},
) {
  const launcher = new FakeLauncher(clock);
  const prober = new FakeProber(clock);
  const logged: { readonly level: string; readonly message: string; readonly fields: LogFields }[] = [];
  const log = recordingLog(logged);
  const ring = new LogRing(() => clock.now());
  const units = unitSet(given);
  const supervisor = new Supervisor({
    units,
    program: compiled(units),
    clock,
    random,
    launcher,
    store,
    ring,
    log,
    bootId,
    pidStart: () => "1",
    env,
    baseEnv: {},
    project: "/",
    socket,
    prober,
  });
  let next = units;
  const api = new SupervisorApi(supervisor, {
    version: "0",
    unitFolders: [],
    statePath: "",
    env,
    units: {
      servicesPath: "/nonexistent",
      load: () => Promise.resolve({ units: next, program: compiled(next), diagnostics: [], inForce: () => Promise.resolve() }),
      // to set services takes a disk and a loader
      loadWith: () => Promise.reject(new Error("this rig sets no services")),
      read: () => {
        throw new Error("this rig sets no services");
      },
      show: ({ name }) => ({ name }),
    },
    down: () => Promise.resolve(),
  });
  const json = (value: Json | undefined): { kind: "json"; value: Json | undefined } => ({ kind: "json", value });
  void supervisor.boot();
  return {
    supervisor,
    api,
    clock,
    launcher,
    prober,
    store,
    ring,
    logged,
    set: (name: string, payload?: Json, options = { replace: false }) => api.set(name, json(payload), options),
    unset: (name: string, filter?: Json) => api.unset(name, filter),
    emit: (name: string, payload?: Json) => api.emit(name, json(payload)),
    reload: (changed: Partial<UnitSet>, options = { restart: false }) => {
      next = unitSet(changed);
      return api.reload(options);
    },
    /** Instances with a live process, sorted. */
    up: () => launcher.alive(),
    phase: (name: string): Phase => supervisor.instances.get(name)?.phase ?? "inactive",
    reason: (name: string): string => supervisor.instances.get(name)?.context.reason ?? "",
    branches: (name: string): Json[] => [...supervisor.flow.branches(name).values()],
    /** Lets everything come to rest that needs no more than a minute. */
    rest: () => clock.advance(60_000),
  };
}

function compiled(units: UnitSet) {
  const { program, findings } = compile(units);
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(({ item, path, message }) => `${item} ${path.join(".")}: ${message}`).join("\n"));
  return program;
}

function recordingLog(logged: { level: string; message: string; fields: LogFields }[]): DaemonLog {
  const at =
    (level: string) =>
    (fields: LogFields, message: string): void => {
      logged.push({ level, message, fields });
    };
  const log: DaemonLog = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), child: () => log };
  return log;
}
