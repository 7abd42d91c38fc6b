import type { Condition, ServiceIs } from "./condition.ts";
import type { Json, JsonObject } from "./json.ts";

/**
 * The units as the rest of Rind sees them: names in full, durations in milliseconds, defaults filled in, nothing optional.
 * Made by `unit/` from TOML; library users may build it by hand. An empty list means that the key was not given.
 */
export interface UnitSet {
  readonly states: readonly StateDecl[];
  readonly signals: readonly SignalDecl[];
  readonly services: readonly ServiceDecl[];
  readonly variables: readonly VariableDecl[];
  readonly permissions: readonly PermissionDecl[];
  /** In the order in which they are mounted: as declared, but each behind its `after`. */
  readonly mounts: readonly MountDecl[];
  readonly networks: readonly NetworkDecl[];
  /** What is told by the system's daemon: it can be read here, and is changed there. */
  readonly imports: readonly ImportDecl[];
  readonly settings: Settings;
}

/** A state or signal of the system's daemon, as the daemon of a user knows it (SPEC 6.9). */
export interface ImportDecl {
  readonly kind: "state" | "signal";
  readonly name: string;
  readonly payload: PayloadKind;
  /** Fields that tell the branches of a state apart; empty where it has one only, and of a signal. */
  readonly identity: readonly string[];
}

/** Where an item was declared. */
export interface Origin {
  readonly file: string;
  readonly line: number;
}

export const PAYLOAD_KINDS = ["json", "string", "bytes", "none", "any"] as const;
export type PayloadKind = (typeof PAYLOAD_KINDS)[number];

/** One entry of `branch`: the field of this item and the field of the source that it is taken from. */
export interface BranchField {
  readonly target: string;
  readonly source: string;
}

export interface StateDecl {
  readonly name: string;
  readonly payload: PayloadKind;
  /** Empty where `branch` was not given: identity is then `id`, or that of the item that is copied. */
  readonly branch: readonly BranchField[];
  readonly after: readonly Condition[];
  readonly activateOnNone: readonly ActivateOnNone[];
  readonly stopOn: readonly Condition[];
  readonly autoPayload: AutoPayload | undefined;
  /** `disk`: survives reboots; `boot`: until the machine reboots; `memory`: ends with the daemon. */
  readonly persist: "disk" | "boot" | "memory";
  readonly subscribers: readonly SubscriberDecl[];
  /** Who may set and unset it beside root and the daemon's own user; where there are any, its payloads are not for everybody. */
  readonly permissions: readonly Right[];
  /** Declared by use alone, or built in: nobody wrote a `[[state]]` for it. */
  readonly implied: boolean;
  readonly origin: Origin | undefined;
}

export interface ActivateOnNone {
  readonly state: string;
  /** Without it any branch of `state` blocks the whole state. */
  readonly branch: BranchField | undefined;
}

/** Makes the payload of a state that becomes active without one, from the output of a command. */
export interface AutoPayload {
  readonly eval: string;
  readonly args: readonly string[];
  /** `root`: stdout is the json. A list: line i goes under key i. */
  readonly insert: { readonly kind: "root" } | { readonly kind: "keys"; readonly keys: readonly string[] };
}

export interface SignalDecl {
  readonly name: string;
  readonly payload: PayloadKind;
  readonly branch: readonly BranchField[];
  readonly after: readonly Condition[];
  readonly subscribers: readonly SubscriberDecl[];
  /** Who may emit it beside root and the daemon's own user. */
  readonly permissions: readonly Right[];
  readonly implied: boolean;
  readonly origin: Origin | undefined;
}

/** A unix socket on which clients get each change of a state, or each emission of a signal. */
export interface SubscriberDecl {
  /** Absolute. */
  readonly path: string;
  /** Who may connect beside root and the daemon's own user. */
  readonly permissions: readonly Right[];
}

/** What somebody has to have: a declared permission by its full name, or membership in a unix group. */
export type Right = { readonly kind: "permission"; readonly name: string } | { readonly kind: "gid"; readonly gid: number };

/** Who has a right (SPEC 12): the members of `group`, `users`, and whoever has one of `includes`. */
export interface PermissionDecl {
  readonly name: string;
  /** Name of a unix group. */
  readonly group: string | undefined;
  /** Names of users. */
  readonly users: readonly string[];
  /** Full names of permissions. */
  readonly includes: readonly string[];
  readonly origin: Origin | undefined;
}

/** A file system that `rind init` mounts before the first service. */
export interface MountDecl {
  readonly name: string;
  /** What mount(2) takes: a device, or a word such as `tmpfs`. */
  readonly source: string;
  /** Absolute. */
  readonly target: string;
  readonly fstype: string;
  /** As in fstab: `ro`, `nosuid`, `bind`, ... */
  readonly flags: readonly string[];
  /** What the file system itself takes: `mode=0755,size=10%`. */
  readonly data: string;
  /** Makes `target` where it is missing. */
  readonly create: boolean;
  /** Full names of mounts that go before it. */
  readonly after: readonly string[];
  readonly origin: Origin | undefined;
}

export interface NetworkDecl {
  readonly name: string;
  /** The kernel's name of it: `eth0`. Default: the item's own name. */
  readonly interface: string;
  readonly method: "static" | "dhcp" | "none";
  /** With prefix length: `10.0.0.2/24`. */
  readonly address: readonly string[];
  readonly gateway: string | undefined;
  readonly dns: readonly string[];
  readonly route: readonly RouteDecl[];
  readonly origin: Origin | undefined;
}

export interface RouteDecl {
  /** With prefix length, or `default`. */
  readonly to: string;
  /** Address of the next hop; undefined: it is on the link. */
  readonly via: string | undefined;
}

export interface VariableDecl {
  readonly name: string;
  readonly default: Json | undefined;
  /** Name of the environment variable of the daemon that goes before `default`. */
  readonly env: string | undefined;
}

export interface Settings {
  /** Environment of every service, below what the service itself says. */
  readonly env: Readonly<Record<string, string>>;
  /** PATH of every service, unless its environment says otherwise; undefined: that of the daemon. */
  readonly path: string | undefined;
  /** Runs first; where it fails or is interrupted nothing starts, and the daemon ends with 1. */
  readonly startup: ProgramCall | undefined;
  /** Absolute folder under which each run writes one file per service into a `logs-<n>` of its own; undefined: no such files. */
  readonly logFolder: string | undefined;
  /** What happens where no service is declared; undefined: depends on how the daemon was started. */
  readonly onEmpty: "shell" | "wait" | "exit" | undefined;
  /** The fields that a service's restart policy leaves out are already taken from `restart` by the loader. */
  readonly shutdownTimeoutMs: number;
}

export interface ServiceDecl {
  readonly name: string;
  readonly run: RunDecl;
  readonly type: "simple" | "oneshot";
  readonly startOn: readonly Condition[];
  readonly stopOn: readonly Condition[];
  /** A falling guard stops the service. Default: true unless `stop-on` is given. */
  readonly bound: boolean;
  readonly restartOn: readonly Condition[];
  readonly reloadOn: readonly Condition[];
  readonly status: "start" | "stop" | "ignore";
  readonly class: "user" | "system";
  /** As PID 1, its final failure opens the emergency shell. */
  readonly critical: boolean;
  /** What this service itself wrote, and what others wrote as `before`. Never names itself. */
  readonly after: readonly OrderItem[];
  /** The hard ones: waits for them, pulls them in, and follows their loss. */
  readonly requires: readonly RequiredItem[];
  /** The soft ones: pulls them in, and waits until they are fulfilled or cannot be. Those declared nowhere are left out. */
  readonly wants: readonly OrderItem[];
  /** Services that never run together with this one. Mutual: the other need not say it too. Those declared nowhere are left out. */
  readonly conflicts: readonly string[];
  /** undefined: ready as soon as its process is up. */
  readonly ready: ReadyDecl | undefined;
  readonly health: HealthDecl | undefined;
  readonly watchdog: WatchdogDecl | undefined;
  readonly restart: RestartPolicy;
  readonly successExitCodes: readonly number[];
  /** From the first moment at which a probe may run until it is ready; of a oneshot its whole run. undefined: no limit (a oneshot's default). */
  readonly startTimeoutMs: number | undefined;
  /** Ends it politely; what lives when it has ended gets `stopSignal`. Both share `stopTimeoutMs`. */
  readonly stopCommand: ProgramCall | undefined;
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  readonly branching: Branching | undefined;
  readonly transport: readonly TransportDecl[];
  readonly onStart: readonly Hook[];
  readonly onReady: readonly Hook[];
  readonly onStop: readonly Hook[];
  readonly onFail: readonly Hook[];
  readonly log: LogDecl;
  /** Whose service it is: decides as whom it runs, where `run.user` does not. */
  readonly space: Space;
  readonly userSource: UserSource | undefined;
  /** Who may control it beside root and the daemon's own user. */
  readonly managedBy: readonly Right[];
  readonly origin: Origin | undefined;
}

/** `user`: that of `user-source`, of its branch, or the only one with a session. `named`: always this one. */
export type Space = { readonly kind: "system" } | { readonly kind: "user" } | { readonly kind: "named"; readonly user: string };

/** Where the name of the user stands (SPEC 6.9). */
export interface UserSource {
  /** undefined: the instance's own branch. */
  readonly state: string | undefined;
  readonly usernameField: string;
  /** Takes the branch whose identity is the instance's key. */
  readonly matchBranchKey: boolean;
}

export interface RunDecl {
  /** Program and arguments; the program is looked up in the service's PATH. `run.shell` has become `sh -c`. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute paths, read at each start, the later wins. */
  readonly envFiles: readonly string[];
  /** Absolute; undefined: the home of its user. */
  readonly cwd: string | undefined;
  /** Absolute path, or undefined for /dev/null. */
  readonly stdin: string | undefined;
  /** Name or number of the user; undefined: as `space` says, else that of the daemon. */
  readonly user: string | undefined;
  /** Name or number of the group; undefined: the user's own. */
  readonly group: string | undefined;
  /** undefined, of this and the next four: as the daemon has it. */
  readonly umask: number | undefined;
  /** From -20 to 19. */
  readonly nice: number | undefined;
  /** From -1000 (never killed for want of memory) to 1000. */
  readonly oomScoreAdj: number | undefined;
  readonly rlimits: readonly RlimitDecl[];
  /** Absolute path of a terminal that it gets as its controlling terminal, stdin, stdout and stderr: nothing of it is logged. */
  readonly tty: string | undefined;
  readonly reload: { readonly kind: "signal"; readonly signal: NodeJS.Signals } | ({ readonly kind: "command" } & ProgramCall) | undefined;
}

/** Names as in getrlimit(2), in lower case and without RLIMIT_. */
export const RLIMITS = [
  "as",
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
] as const;
export type RlimitName = (typeof RLIMITS)[number];

/** Infinity: unlimited. */
export interface RlimitDecl {
  readonly name: RlimitName;
  readonly soft: number;
  readonly hard: number;
}

/** A program with its arguments; shell code has become `sh -c`. */
export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
}

/** How long the output is kept, and where. */
export interface LogDecl {
  /** Lines in memory. */
  readonly lines: number;
  /** Absolute path of a file for the bytes as printed; undefined: none. */
  readonly file: string | undefined;
  /** Bytes after which the file is rotated; Infinity: never. */
  readonly maxSize: number;
  /** Rotated files that are kept, compressed. */
  readonly keep: number;
}

export interface OrderItem {
  readonly service: string;
  /** `ready` of a oneshot: succeeded. */
  readonly is: ServiceIs;
}

export interface RequiredItem extends OrderItem {
  /** When it is lost: stop and wait for it; the same, and restart after each restart of it; go on. */
  readonly onLoss: "stop" | "restart" | "ignore";
}

/** What is looked at to learn whether a service is ready or healthy (SPEC 6.5). */
export type ProbeDecl =
  /** Success: exit code 0. Runs as the service would: its user, folder and environment. */
  | ({ readonly kind: "exec" } & ProgramCall)
  | {
      readonly kind: "http";
      readonly scheme: "http" | "https";
      readonly host: string;
      readonly port: number;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      /** undefined: 200 to 299. */
      readonly status: number | undefined;
    }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  /** Absolute path of a stream socket that accepts. */
  | { readonly kind: "unix"; readonly path: string }
  /** The process says it: sd_notify(3). */
  | { readonly kind: "notify" }
  /** A line of output matches; source of a JavaScript regular expression that was tried by the loader. */
  | { readonly kind: "log"; readonly pattern: string };

/** When a probe is run and how its results count. Of `notify` and `log`, which are told, only `failureThreshold` has no meaning. */
export interface ProbeTiming {
  /** From the start of the process; of `health` from the moment at which it is ready. */
  readonly initialDelayMs: number;
  /** Between the starts of two probes; `ready` that was never ready yet: 1 s where nothing was given. */
  readonly periodMs: number;
  /** After this a probe has failed and is killed with its children. */
  readonly timeoutMs: number;
  /** Successes in a row that make it true, failures in a row that make it false. */
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

export interface ReadyDecl extends ProbeTiming {
  readonly probe: ProbeDecl;
  /** The period until the first success. */
  readonly startPeriodMs: number;
}

export interface HealthDecl extends ProbeTiming {
  readonly probe: ProbeDecl;
  readonly onUnhealthy: "ignore" | "restart" | "stop";
}

/** A sign of life that the process has to give by sd_notify(3) (`WATCHDOG=1`). */
export interface WatchdogDecl {
  readonly intervalMs: number;
  /** Only from `READY=1` on. */
  readonly requireReady: boolean;
  /** `abort`: SIGABRT in place of the stop signal, then as `restart`. */
  readonly action: "restart" | "stop" | "abort";
}

export interface RestartPolicy {
  readonly on: "always" | "on-failure" | "never";
  /** Infinity: no limit. */
  readonly maxRetries: number;
  readonly delayMs: number;
  readonly backoff: number;
  readonly maxDelayMs: number;
  /** A run of this length resets delay and counter; with `windowMs` the delay only. */
  readonly stableAfterMs: number;
  /** From 0 to 1: each delay is lengthened by a random part of itself up to this. */
  readonly jitter: number;
  /** Only the retries of the last so many milliseconds count for `maxRetries`; undefined: all since the last stable run. */
  readonly windowMs: number | undefined;
}

export interface Branching {
  readonly sourceState: string;
  readonly key: string;
  /** Infinity: no limit. */
  readonly maxInstances: number;
  readonly only: readonly KeyFilter[];
  readonly except: readonly KeyFilter[];
}

/** An entry of `only` or `except`. */
export type KeyFilter =
  | { readonly kind: "text"; readonly text: string }
  /** A state that has a branch which the instance sees. */
  | { readonly kind: "state"; readonly name: string }
  | { readonly kind: "variable"; readonly name: string };

export interface TransportDecl {
  readonly id: "env" | "args";
  readonly options: readonly TransportOption[];
  /** The service waits `blocked` until every option resolves. */
  readonly required: boolean;
}

export interface TransportOption {
  /** env: the name of the variable; args: literal text before the value (`--up=`), often empty. */
  readonly prefix: string;
  readonly value: Reference;
}

/** Where a value comes from (SPEC 6.8). `path` is empty for the whole payload. */
export type Reference =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "state"; readonly name: string; readonly path: readonly string[]; readonly fallback: string | undefined }
  /** `state:$`: the branch of this instance. */
  | { readonly kind: "own-branch"; readonly path: readonly string[]; readonly fallback: string | undefined }
  /** `signal:$`: the signal that started this run. */
  | { readonly kind: "start-signal"; readonly path: readonly string[]; readonly fallback: string | undefined }
  | { readonly kind: "variable"; readonly name: string; readonly fallback: string | undefined };

/** What a hook passes on. `exit` is `{service, branch, pid, code, signal, ms}`. */
export type HookPayload =
  | { readonly kind: "none" }
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: "exit" }
  | { readonly kind: "reference"; readonly reference: Reference };

/** `when` restricts an entry of `on-stop`. */
export type Hook = { readonly when: "always" | "success" | "failure" } & (
  | { readonly kind: "emit"; readonly signal: string; readonly payload: HookPayload }
  | { readonly kind: "set"; readonly state: string; readonly payload: HookPayload }
  | { readonly kind: "unset"; readonly state: string; readonly filter: string | JsonObject | undefined }
  | { readonly kind: "service"; readonly service: string; readonly action: "start" | "stop" | "restart" | "reload" }
  | ({ readonly kind: "command" } & ProgramCall)
);
