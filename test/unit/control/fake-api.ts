import type { ChangeAnswer, ControlApi, LogLine, LogQuery, LogReader, ServiceRow, StateRow, Why } from "../../../src/control/api.ts";
import { RejectedError, UndeclaredError } from "../../../src/errors/rind-error.ts";
import type { Fact } from "../../../src/model/fact.ts";

const NOON = Date.UTC(2030, 0, 2, 12, 0, 0);

export function serviceRow(fields: Partial<ServiceRow> & { name: string }): ServiceRow {
  return {
    phase: "running",
    ready: true,
    healthy: null,
    pid: 4711,
    branch: null,
    restarts: 0,
    exit: null,
    since: new Date(NOON).toISOString(),
    waiting: [],
    reason: "start-on holds",
    status_text: null,
    stale: false,
    ...fields,
  };
}

export function logLine(seq: number, fields: Partial<LogLine> = {}): LogLine {
  return { seq, time: new Date(NOON + seq).toISOString(), service: "web@server", stream: "stdout", line: `line ${seq}`, ...fields };
}

export const STATES: readonly StateRow[] = [
  {
    name: "net@configured",
    active: true,
    payload: "json",
    branches: [{ key: "eth0", payload: { id: "eth0", up: true }, derived: false, manual: true }],
  },
  { name: "net@online", active: false, payload: "none", branches: [] },
];

export const FACTS: readonly Fact[] = [
  { id: 1, tx: 1, time: NOON, cause: [], kind: "outside", what: "set net@configured" },
  {
    id: 2,
    tx: 1,
    time: NOON + 1,
    cause: [1],
    kind: "state",
    name: "net@configured",
    key: "eth0",
    before: undefined,
    after: { id: "eth0", up: true },
  },
  { id: 3, tx: 1, time: NOON + 2, cause: [2], kind: "request", action: "start", instance: "web@server", reason: "start-on holds" },
  { id: 4, tx: 1, time: NOON + 30, cause: [3], kind: "phase", instance: "web@server", from: "starting", to: "running", reason: "up" },
];

/** JSON as it crosses the socket: `undefined` fields are gone. */
export function overTheWire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

export const WHY: Why = {
  name: "web@server",
  kind: "service",
  summary: "web@server is blocked: it waits for db@postgres",
  service: serviceRow({ name: "web@server", phase: "blocked", pid: null, ready: null }),
  conditions: [
    {
      key: "start-on",
      rows: [
        { text: "state net@configured", holds: true, now: '{"id":"eth0"}', of: [] },
        {
          text: "any of",
          holds: false,
          now: "",
          of: [
            { text: "service db@postgres is ready", holds: false, now: "starting", of: [] },
            { text: "state net@online", holds: false, now: "", of: [] },
          ],
        },
      ],
    },
  ],
  waiting: ["db@postgres is not ready"],
  would: ["db@postgres becomes ready"],
  because: FACTS,
};

/** A `ControlApi` that remembers what it was asked and answers from fixed data; parts may be replaced. */
export function fakeApi(parts: Partial<ControlApi> = {}): FakeApi {
  const asked: unknown[][] = [];
  const logFollowers = new Set<LogReader>();
  const eventFollowers = new Set<(facts: readonly Fact[]) => void>();
  const lines: LogLine[] = [logLine(1), logLine(2), logLine(3, { stream: "stderr", line: "oops" })];
  const note = (...words: unknown[]) => void asked.push(words);
  const change = async (verb: string, name: string, ...rest: unknown[]): Promise<ChangeAnswer> => {
    note(verb, name, ...rest);
    if (name === "no@such") throw new UndeclaredError("no@such is declared nowhere", { hint: "did you mean net@such?" });
    if (name === "rind@up") throw new RejectedError("rind@up is built in and cannot be set");
    return {
      changed: true,
      effects: [
        { kind: "state.set", name },
        { kind: "service.start", name: "web@server" },
      ],
      notes: ["masked by sys@off"],
    };
  };
  const rows = async (verb: string, names: readonly string[], ...rest: unknown[]) => {
    note(verb, names, ...rest);
    return names.map((name) => serviceRow({ name }));
  };
  const api: ControlApi = {
    as: (caller) => {
      note("as", caller);
      return api;
    },
    info: () => ({
      pid: process.pid,
      version: "0.1.0",
      project: "/srv/project",
      units: ["/srv/project/flows"],
      state_path: "/srv/project/.rind/state",
      since: new Date(NOON).toISOString(),
      degraded: [],
      shutting_down: false,
    }),
    down: async () => note("down"),
    power: async (action, options) => note("power", action, options),
    reload: async (options) => {
      note("reload", options);
      return { added: ["web@new"], changed: [], removed: ["web@old"], stale: ["web@server"], warnings: [] };
    },
    list: () => ({
      services: [
        serviceRow({ name: "web@server" }),
        serviceRow({ name: "web@logger", phase: "inactive", pid: null, ready: null, since: null, reason: "" }),
      ],
      states: STATES,
      signals: [{ name: "backup@complete", payload: "any" }],
    }),
    emit: (name, payload) => change("emit", name, payload),
    set: (name, payload, options) => change("set", name, payload, options),
    unset: (name, filter) => change("unset", name, filter),
    get: (name) => {
      if (name === "no@such") throw new UndeclaredError("no@such is declared nowhere");
      return name === "net@name"
        ? ["plain text"]
        : (STATES.find((state) => state.name === name)?.branches.map(({ payload }) => payload) ?? []);
    },
    states: () => STATES,
    status: (name) =>
      name === "login@session" ? ["ann", "bob"].map((branch) => serviceRow({ name: `${name}/${branch}`, branch })) : serviceRow({ name }),
    start: (names, options) => rows("start", names, options),
    stop: (names, options) => rows("stop", names, options),
    restart: (names) => rows("restart", names),
    reloadServices: (names) => rows("reload-services", names),
    kill: (names, killSignal) => rows("kill", names, killSignal),
    stats: async (name) => {
      note("stats", name);
      if (name === "web@down") return { pid: 0 };
      const processes = [
        { pid: 4711, name: "server", memory_bytes: 3 * 1024 * 1024, cpu_percent: 12.5 },
        { pid: 4712, name: "worker", memory_bytes: 1024, cpu_percent: 0 },
      ];
      return { pid: 4711, memory_bytes: 3 * 1024 * 1024 + 1024, cpu_percent: 12.5, processes };
    },
    setService: async (service) => {
      note("set-service", service);
      return {
        name: "web@set",
        file: "/srv/services/web@set.toml",
        replaced: false,
        services: [serviceRow({ name: "web@set" })],
        warnings: [],
      };
    },
    getService: (name) => Promise.resolve({ name }),
    deleteServices: async (names) => {
      note("delete-services", names);
      return { removed: names, restored: [] };
    },
    why: () => WHY,
    graph: () => ({ nodes: [], edges: [] }),
    variables: () => [{ name: "app@level", value: "info", from: "default" }],
    openSession: async (given) => {
      note("openSession", given);
      return { session_id: "1", username: given.username };
    },
    closeSession: async (wanted) => {
      note("closeSession", wanted);
      return [];
    },
    setVariable: async (name, value) => {
      note("variable", name, value);
      return { name, value: value ?? "info", from: value === undefined ? "default" : "override" };
    },
    logs: (query) => {
      note("logs", query);
      return keep(lines, query);
    },
    followLogs: (query, onLines) => {
      note("follow", query);
      logFollowers.add(onLines);
      return () => logFollowers.delete(onLines);
    },
    trace: (options) => {
      note("trace", options);
      return FACTS.slice(-options.last);
    },
    followEvents: (_names, onFacts) => {
      eventFollowers.add(onFacts);
      return () => eventFollowers.delete(onFacts);
    },
    followShared: (onNews) => {
      onNews({ kind: "all", states: [], signals: [] });
      return () => {};
    },
    ...parts,
  };
  return {
    api,
    asked,
    log(line, missed = 0) {
      lines.push(line);
      for (const follower of logFollowers) void follower([line], missed);
    },
    event(fact) {
      for (const follower of eventFollowers) follower([fact]);
    },
    followers: () => logFollowers.size + eventFollowers.size,
  };
}

export interface FakeApi {
  readonly api: ControlApi;
  /** Each call that changes something or reads logs: its name and what it got. */
  readonly asked: unknown[][];
  /** A line is printed now. */
  log(line: LogLine, missed?: number): void;
  event(fact: Fact): void;
  followers(): number;
}

function keep(lines: readonly LogLine[], query: LogQuery): readonly LogLine[] {
  const kept = lines.filter((line) => query.after === undefined || line.seq > query.after);
  return query.lines === undefined ? kept : kept.slice(kept.length - Math.min(query.lines, kept.length));
}
