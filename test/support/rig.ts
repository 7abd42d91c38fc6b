import { LogRing } from "../../src/log/log-ring.ts";
import type { DaemonLog, LogFields } from "../../src/log/daemon-log.ts";
import { compile } from "../../src/flow/program.ts";
import type { Write } from "../../src/model/change.ts";
import type { Json } from "../../src/model/json.ts";
import type { Phase } from "../../src/model/phase.ts";
import type { UnitSet } from "../../src/model/unit-set.ts";
import type { KnownProcess } from "../../src/process/watch-end.ts";
import { SupervisorApi } from "../../src/supervisor/control-api.ts";
import { Supervisor } from "../../src/supervisor/supervisor.ts";
import type { UnitSource } from "../../src/supervisor/unit-source.ts";
import { FakeLauncher } from "./fake-launcher.ts";
import { FakeProber } from "./fake-prober.ts";
import { unitSet } from "./decls.ts";
import { MemoryStore } from "./memory-store.ts";
import { PaperUsers } from "./paper-users.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface RigOptions {
  readonly store?: MemoryStore;
  readonly clock?: VirtualClock;
  readonly env?: NodeJS.ProcessEnv;
  /** What every process inherits. */
  readonly baseEnv?: Readonly<Record<string, string>>;
  readonly bootId?: string;
  readonly random?: () => number;
  /** Path of the control socket; without one no process can have a notify socket. */
  readonly socket?: string;
  /** Of the users on paper the one as whom the daemon runs; default: root. */
  readonly uid?: number;
  /** Processes that may lead sessions. */
  readonly processes?: readonly KnownProcess[];
  /** Units may refer to services that are not there, as after a load that left some out. */
  readonly lacksServices?: boolean;
  /** Branches of imported states. */
  readonly mirrored?: readonly Write[];
}

/** A whole supervisor on simulated time, with processes on paper and a store without a disk. */
export function rig(
  given: Partial<UnitSet>,
  {
    store = new MemoryStore(),
    clock = new VirtualClock(),
    env = {},
    baseEnv = {},
    bootId = "boot-1",
    random = () => 0,
    socket,
    uid = 0,
    processes = [],
    lacksServices = false,
    mirrored = [],
  }: RigOptions = {},
) {
  const launcher = new FakeLauncher(clock);
  const prober = new FakeProber(clock);
  const logged: { readonly level: string; readonly message: string; readonly fields: LogFields }[] = [];
  const log = recordingLog(logged);
  const ring = new LogRing(() => clock.now());
  const users = new PaperUsers(uid, new Map(processes.map((known) => [known.pid, known])));
  const units = unitSet(given);
  const supervisor = new Supervisor({
    units,
    program: compiled(units, lacksServices),
    clock,
    random,
    launcher,
    store,
    ring,
    log,
    bootId,
    pidStart: () => "1",
    env,
    baseEnv,
    project: "/",
    socket,
    prober,
    users,
    mirrored,
  });
  let next = units;
  const found = () =>
    Promise.resolve({ units: next, program: compiled(next, lacksServices), diagnostics: [], inForce: () => Promise.resolve([]) });
  const unitSource: UnitSource = {
    servicesPath: "/nonexistent",
    load: found,
    loadImporting: (imports) => {
      next = { ...next, imports };
      return found();
    },
    // to set services takes a disk and a loader
    loadWith: () => Promise.reject(new Error("this rig sets no services")),
    read: () => {
      throw new Error("this rig sets no services");
    },
    show: ({ name }) => Promise.resolve({ name }),
  };
  const api = new SupervisorApi(supervisor, {
    version: "0",
    unitFolders: [],
    statePath: "",
    env,
    units: unitSource,
    accounts: { uidOf: (user) => users.user(user)?.uid, gidOf: (group) => users.group(group)?.gid },
    down: () => Promise.resolve(),
    power: () => {},
  });
  const json = (value: Json | undefined): { kind: "json"; value: Json | undefined } => ({ kind: "json", value });
  void supervisor.boot();
  return {
    supervisor,
    api,
    unitSource,
    clock,
    launcher,
    prober,
    store,
    users,
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

function compiled(units: UnitSet, lacksServices: boolean) {
  const { program, findings } = compile(units, { lacksServices });
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
