import type { Diagnostic } from "../errors/unit-error.ts";
import type { ServiceIs } from "../model/condition.ts";
import type { Fact } from "../model/fact.ts";
import type { Json } from "../model/json.ts";
import type { Phase } from "../model/phase.ts";
import type { PowerAction } from "../model/power.ts";
import type { PayloadKind } from "../model/unit-set.ts";

/** Who is at the other end of a connection, by the kernel's word. */
export interface Caller {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Its supplementary groups, when it opened the connection. */
  readonly groups: readonly number[];
}

/**
 * What the control socket offers: implemented by the supervisor, called by the server. Every method may throw a `RindError`,
 * whose code, message and hint go to the client. Shapes are those of `--json` (SPEC 9): fields may be added, never renamed.
 */
export interface ControlApi {
  /** The same, for one client: what it asks for is shown as asked by it, and is what it has a right to (SPEC 12). */
  as(caller: Caller): ControlApi;
  info(): SystemInfo;
  /** Stops everything in order; resolves when all of it is gone. The daemon ends after the answer. */
  down(): Promise<void>;
  /** Ends the machine that this daemon is the init of; resolves when that has begun. `force`: kills at once, in place of stopping in order. */
  power(action: PowerAction, options: { force: boolean }): Promise<void>;
  reload(options: { restart: boolean }): Promise<ReloadAnswer>;
  list(): Listing;

  emit(name: string, payload: PayloadText): Promise<ChangeAnswer>;
  set(name: string, payload: PayloadText, options: { replace: boolean }): Promise<ChangeAnswer>;
  /** `filter`: a json object or a string; undefined removes all branches. */
  unset(name: string, filter: Json | undefined): Promise<ChangeAnswer>;
  /** The payloads of a state, in the order of its branches. */
  get(name: string): readonly Json[];
  states(): readonly StateRow[];

  /** One row for a plain service or a named instance, a list for a branching one. */
  status(name: string): ServiceRow | readonly ServiceRow[];
  /** Of this and the next three: `names` empty means all services but those of class `system` (the bulk operations). */
  start(names: readonly string[], options: { force: boolean }): Promise<readonly ServiceRow[]>;
  stop(names: readonly string[], options: { force: boolean }): Promise<readonly ServiceRow[]>;
  restart(names: readonly string[]): Promise<readonly ServiceRow[]>;
  /** Sends `run.reload` to running services. */
  reloadServices(names: readonly string[]): Promise<readonly ServiceRow[]>;
  /** Sends a signal to the main process of each. No stop: what follows an end is what follows any end that nobody asked for. */
  kill(names: readonly string[], killSignal: NodeJS.Signals): Promise<readonly ServiceRow[]>;
  /** What its processes use now; of a branching service by its plain name a list. Measured for this call, which takes about 100 ms. */
  stats(name: string): Promise<ServiceStats | readonly InstanceStats[]>;
  /** Creates or replaces a service, in Rind's own shape or zinit's; all or nothing (SPEC 10). */
  setService(service: Json): Promise<SetServiceAnswer>;
  /** A service with all defaults, in the shape in which it was given. */
  getService(name: string): Promise<Json>;
  /** Takes services that were set away, with what requires them; `names` empty: all that were set but those of class `system`. */
  deleteServices(names: readonly string[]): Promise<DeleteAnswer>;
  why(name: string): Why;
  /** What depends on what, and in which phases all are. */
  graph(): ServiceGraph;

  /** Somebody logs in: sets a branch of `rind@user-session`, and makes the runtime folder of the user. */
  openSession(given: SessionGiven): Promise<Session>;
  /** Ends the sessions that are meant, and answers them; none is no error. */
  closeSession(wanted: SessionWanted): Promise<readonly Session[]>;

  variables(): readonly VariableRow[];
  /** `value` undefined takes the override away. */
  setVariable(name: string, value: Json | undefined): Promise<VariableRow>;

  logs(query: LogQuery): readonly LogLine[];
  /**
   * Lines from after `query`'s last on, with no gap and no repeat between both; returns the way to end it.
   */
  followLogs(query: LogQuery, onLines: LogReader): () => void;

  /** The last facts, oldest first. `name`: only those about this state, signal, service or instance, with all that caused them. */
  trace(options: { last: number; name: string | undefined }): readonly Fact[];
  /** Every fact from now on; `names` empty: all. Returns the way to end it. */
  followEvents(names: readonly string[], onFacts: (facts: readonly Fact[]) => void): () => void;
  /** What everybody may read: all of it at once, and from then on each change. Returns the way to end it. */
  followShared(onNews: (news: SharedNews) => void): () => void;
}

/** A payload as it came: json from a program, or the words of a command line, which are read by the declared payload type. */
export type PayloadText =
  | { readonly kind: "json"; readonly value: Json | undefined }
  | { readonly kind: "words"; readonly words: readonly string[] };

export interface SystemInfo {
  readonly pid: number;
  readonly version: string;
  /** The project folder. */
  readonly project: string;
  readonly units: readonly string[];
  readonly state_path: string;
  /** ISO 8601. */
  readonly since: string;
  readonly degraded: readonly string[];
  /** Everything is being stopped, and nothing is started any more. */
  readonly shutting_down: boolean;
}

export interface Listing {
  readonly services: readonly ServiceRow[];
  readonly states: readonly StateRow[];
  readonly signals: readonly SignalRow[];
}

export interface ServiceRow {
  readonly name: string;
  readonly phase: Phase;
  readonly ready: boolean | null;
  readonly healthy: boolean | null;
  readonly pid: number | null;
  readonly branch: string | null;
  /** Retries since the last stable run. */
  readonly restarts: number;
  readonly exit: { readonly code: number | null; readonly signal: string | null } | null;
  /** When it came into this phase, ISO 8601; null for what was never started. */
  readonly since: string | null;
  /** What it waits for, one sentence each. */
  readonly waiting: readonly string[];
  readonly reason: string;
  /** What its process says about itself (`STATUS=` of sd_notify); null: nothing. */
  readonly status_text: string | null;
  /** A reload changed what concerns the process; it takes effect at the next start. */
  readonly stale: boolean;
}

export interface ServiceGraph {
  /** Each service with the phases of its instances. */
  readonly nodes: readonly { readonly name: string; readonly phases: readonly Phase[] }[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: "requires" | "wants" | "after" | "conflicts";
  /** What the other has to be; null of a conflict. */
  readonly is: ServiceIs | null;
}

export interface ProcessStats {
  readonly pid: number;
  /** Of its program, as the kernel keeps it. */
  readonly name: string;
  readonly memory_bytes: number;
  readonly cpu_percent: number;
}

/** Of a service without any process: `{pid: 0}`. */
export interface ServiceStats {
  /** Of the main process; 0: it has none, though something that it left behind may still live. */
  readonly pid: number;
  /** Of all its processes: what they share counts once. */
  readonly memory_bytes?: number;
  /** Of all its processes over a tenth of a second; 100 is one processor. */
  readonly cpu_percent?: number;
  /** Everything that comes from it, the main process first. */
  readonly processes?: readonly ProcessStats[];
}

export interface InstanceStats extends ServiceStats {
  readonly name: string;
}

export interface SetServiceAnswer {
  readonly name: string;
  /** Where it is stored. */
  readonly file: string;
  /** There was a service of that name. */
  readonly replaced: boolean;
  /** How it is after this. */
  readonly services: readonly ServiceRow[];
  readonly warnings: readonly Diagnostic[];
}

export interface DeleteAnswer {
  /** What was named and what required it, however far. */
  readonly removed: readonly string[];
  /** Of these, what unit files declare too: it is again as they say. */
  readonly restored: readonly string[];
}

export interface StateRow {
  readonly name: string;
  readonly active: boolean;
  readonly payload: string;
  /** Empty where it is `restricted`. */
  readonly branches: readonly { readonly key: string; readonly payload: Json; readonly derived: boolean; readonly manual: boolean }[];
  /** Only where the caller may not see its payloads. */
  readonly restricted?: true;
  /** Only in the daemon of a user: it is a state of the system, which is neither derived nor set by hand here. */
  readonly imported?: true;
  /** Only where nobody but Rind changes it, by whatever support. */
  readonly built_in?: true;
}

export interface SignalRow {
  readonly name: string;
  readonly payload: string;
  /** Only where the caller may not see what it carries. */
  readonly restricted?: true;
}

/**
 * Of the states and signals that list no permissions, less those that each daemon has for itself (`rind@up` and its like): how all of them
 * are, which comes first and again each time the daemon has other units; or what one step of a transaction has changed.
 */
export type SharedNews =
  | { readonly kind: "all"; readonly states: readonly SharedState[]; readonly signals: readonly SharedSignal[] }
  /** `what`: the event from outside behind it, for people. In causal order. */
  | { readonly kind: "step"; readonly what: string; readonly changes: readonly SharedChange[] };

export interface SharedState {
  readonly name: string;
  readonly payload: PayloadKind;
  /** Fields that tell its branches apart. */
  readonly identity: readonly string[];
  /** In their order; `key` is what a change calls the branch. */
  readonly branches: readonly { readonly key: string; readonly payload: Json }[];
}

export interface SharedSignal {
  readonly name: string;
  readonly payload: PayloadKind;
}

/** Of a state without `payload`: the branch is gone. */
export type SharedChange =
  | { readonly kind: "state"; readonly name: string; readonly key: string; readonly payload?: Json }
  | { readonly kind: "signal"; readonly name: string; readonly payload: Json };

/** What is known of a session that begins. */
export interface SessionGiven {
  /** Name of a user of the system. */
  readonly username: string;
  readonly tty?: string | undefined;
  /** What lets the user in: `login`, `sshd`. */
  readonly service?: string | undefined;
  /** Where the user comes from. */
  readonly host?: string | undefined;
  /** pid of the process with whose end the session ends, if nobody closes it before; undefined: it has none. */
  readonly leader?: number | undefined;
  /** Default: made of the others. */
  readonly session_id?: string | undefined;
}

/** Which sessions: that with this id, else all that have all of the rest. */
export type SessionWanted = Pick<SessionGiven, "tty" | "leader" | "session_id"> & { readonly username?: string | undefined };

/** A branch of `rind@user-session`. */
export interface Session {
  readonly session_id: string;
  readonly username: string;
  readonly uid?: number;
  readonly tty?: string;
  readonly service?: string;
  readonly host?: string;
  /** XDG_RUNTIME_DIR. */
  readonly runtime_dir?: string;
  /** `start`: clock ticks after the start of the machine. */
  readonly leader?: { readonly pid: number; readonly start: number };
}

export interface VariableRow {
  readonly name: string;
  readonly value: Json;
  readonly from: "override" | "env" | "default" | "nothing";
  /** Only where the caller may not see its value, which is then null. */
  readonly restricted?: true;
}

export const EFFECT_KINDS = [
  "state.set",
  "state.unset",
  "signal.emit",
  "service.start",
  "service.stop",
  "service.restart",
  "service.reload",
] as const;

export interface ChangeAnswer {
  /** Whether the store changed; of an emit: true. */
  readonly changed: boolean;
  /** What this transaction did, in causal order. */
  readonly effects: readonly { readonly kind: (typeof EFFECT_KINDS)[number]; readonly name: string }[];
  /** What the caller should know: a masked branch, a derived one that stays. */
  readonly notes: readonly string[];
}

export interface ReloadAnswer {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Services whose process still runs with what was before. */
  readonly stale: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/** One condition and what is under it. */
export interface ConditionRow {
  /** The condition in words: `state net@up`, `all of`, `service db@pg is ready`. */
  readonly text: string;
  readonly holds: boolean;
  /** For a service condition: the phase that service is in; for a state: its payloads, shortened. */
  readonly now: string;
  readonly of: readonly ConditionRow[];
}

export interface Why {
  readonly name: string;
  readonly kind: "service" | "state" | "signal";
  /** One sentence: what is so, and why. */
  readonly summary: string;
  readonly service: ServiceRow | null;
  /** Each list of conditions by its key: `start-on`, `stop-on`, `after`, ... */
  readonly conditions: readonly { readonly key: string; readonly rows: readonly ConditionRow[] }[];
  /** What it waits for. */
  readonly waiting: readonly string[];
  /** What would start it, or make the state active; empty where it is already so. */
  readonly would: readonly string[];
  /** The facts that led to what is so now, from the outside event on. */
  readonly because: readonly Fact[];
}

export interface LogQuery {
  /** Services or instances; empty: all. */
  readonly names: readonly string[];
  /** At most so many lines, the newest; undefined: all that are kept. */
  readonly lines: number | undefined;
  /** Only lines after this moment, milliseconds since 1970. */
  readonly since: number | undefined;
  /** Only lines with a greater sequence number. */
  readonly after: number | undefined;
}

/**
 * Takes lines; `missed`: so many before these are lost, because they came faster than they were taken (default 0). Answers with a promise where
 * the next ones should wait until it is fulfilled.
 */
export type LogReader = (lines: readonly LogLine[], missed?: number) => Promise<void> | undefined;

export interface LogLine {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** The instance. */
  readonly service: string;
  readonly stream: "stdout" | "stderr";
  /** Text without its line end; bytes that are no UTF-8 are shown as U+FFFD, and whole in `base64`. */
  readonly line: string;
  /** Only where `line` is not faithful. */
  readonly base64?: string;
}
