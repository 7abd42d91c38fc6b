import { AS_THE_DAEMON } from "../../model/as-the-daemon.ts";
import type { LogDecl, Origin, PayloadKind, RestartPolicy, RunDecl, ServiceDecl, Space } from "../../model/unit-set.ts";
import type { RawRestart } from "../schema/restart.ts";
import type { RawService } from "../schema/service.ts";
import type { Scope } from "../scope.ts";
import { resolveBranching } from "./branching.ts";
import { resolveCommand } from "./command.ts";
import { resolveConditions } from "./conditions.ts";
import { resolveHooks } from "./hooks.ts";
import { killSignalOf } from "./kill-signal.ts";
import { names, plain, required, resolveOrder } from "./order.ts";
import { resolveRights } from "./permissions.ts";
import { resolveHealth, resolveReady, resolveWatchdog } from "./probes.ts";
import { resolveSpace } from "./space.ts";
import { resolveRun, type Variables } from "./run.ts";
import { resolveTransport } from "./transport.ts";

/** What a service takes from other items than itself. */
export interface ServiceContext {
  readonly restart: (own: RawRestart | undefined) => RestartPolicy;
  readonly variables: Variables;
  /** The type of a state's payload; undefined where the state is implied. */
  readonly payloadOf: (state: string) => PayloadKind | undefined;
}

const START_TIMEOUT_MS = 30_000;
const DEFAULT_LOG = { lines: 1_000, file: undefined, maxSize: 16 * 1_024 * 1_024, keep: 4 } satisfies LogDecl;

const ONLY_0: readonly number[] = [0];

/** In place of a command that has mistakes: all else in the service is checked all the same. */
const NO_RUN: RunDecl = {
  program: "true",
  args: [],
  env: {},
  envFiles: [],
  cwd: "/",
  stdin: undefined,
  reload: undefined,
  ...AS_THE_DAEMON,
};

export function resolveService(name: string, raw: RawService, origin: Origin, context: ServiceContext, scope: Scope): ServiceDecl {
  const branching = resolveBranching(raw.branching, context.payloadOf, scope);
  const command = resolveRun(raw.run, context.variables, scope);
  const whose = resolveSpace(raw, { run: command, branching }, context.payloadOf, scope);
  const run = command === undefined ? undefined : inFolder(command, whose.space, scope);
  checkTerminal(raw, command, scope);
  const startOn = resolveConditions(raw["start-on"], ["start-on"], scope);
  const stopOn = resolveConditions(raw["stop-on"], ["stop-on"], scope);
  const reloadOn = resolveConditions(raw["reload-on"], ["reload-on"], scope);
  if (reloadOn.length > 0 && run !== undefined && run.reload === undefined) {
    scope.report.error(["reload-on"], '"reload-on" needs "run.reload"', 'say how it reloads, such as run.reload = "SIGHUP"');
  }
  return {
    name,
    run: run ?? NO_RUN,
    type: raw.type === "oneshot" ? "oneshot" : "simple",
    startOn,
    stopOn,
    bound: raw.bound ?? (raw["stop-on"] ?? []).length === 0,
    restartOn: resolveConditions(raw["restart-on"], ["restart-on"], scope),
    reloadOn,
    status: raw.status,
    class: raw.class,
    critical: raw.critical,
    after: plain(resolveOrder(raw.after, "after", name, scope)),
    requires: required(resolveOrder(raw.requires, "requires", name, scope)),
    wants: plain(resolveOrder(raw.wants, "wants", name, scope)),
    conflicts: names(resolveOrder(raw.conflicts, "conflicts", name, scope)),
    ready: resolveReady(raw, scope),
    health: resolveHealth(raw, scope),
    watchdog: resolveWatchdog(raw.watchdog),
    restart: context.restart(raw.restart),
    successExitCodes: raw["success-exit-codes"].length === 0 ? ONLY_0 : raw["success-exit-codes"],
    startTimeoutMs: startTimeout(raw),
    stopCommand: resolveCommand(raw["stop-command"], ["stop-command"], scope),
    stopSignal: killSignalOf(raw["stop-signal"]) ?? "SIGTERM",
    stopTimeoutMs: raw["stop-timeout-ms"] ?? raw["stop-timeout"],
    branching,
    transport: resolveTransport(raw.transport, scope),
    onStart: resolveHooks(raw["on-start"], "on-start", scope),
    onReady: resolveHooks(raw["on-ready"], "on-ready", scope),
    onStop: resolveHooks(raw["on-stop"], "on-stop", scope),
    onFail: resolveHooks(raw["on-fail"], "on-fail", scope),
    log: resolveLog(raw.log, scope),
    space: whose.space,
    userSource: whose.userSource,
    managedBy: resolveRights(raw["managed-by"], ["managed-by"], scope),
    origin,
  };
}

/** Where no folder was given: the home of its user where there is one, else the project folder. */
function inFolder(run: RunDecl, space: Space, { units }: Scope): RunDecl {
  const hasUser = run.user !== undefined || space.kind !== "system";
  return run.cwd === undefined && !hasUser ? { ...run, cwd: units.project.folder } : run;
}

/** What is printed on a terminal is read by whoever sits there, and by nobody else. */
function checkTerminal({ ready, health, log }: RawService, run: RunDecl | undefined, { report }: Scope): void {
  if (run?.tty === undefined) return;
  const hint = "with run.tty its output goes to the terminal alone";
  for (const [key, probe] of Object.entries({ ready, health })) {
    if (probe?.log !== undefined) report.error([key, "log"], "no line of its output will ever be seen", hint);
  }
  if (log?.file !== undefined) report.warning(["log", "file"], "nothing will be written to this file", hint);
}

function startTimeout(raw: RawService): number | undefined {
  return raw["start-timeout-ms"] ?? raw["start-timeout"] ?? (raw.type === "oneshot" ? undefined : START_TIMEOUT_MS);
}

function resolveLog(raw: RawService["log"], scope: Scope): LogDecl {
  if (raw === undefined) return DEFAULT_LOG;
  const maxSize = raw["max-size"];
  return {
    lines: raw.lines,
    file: raw.file === undefined ? undefined : scope.path(raw.file, ["log", "file"]),
    maxSize: maxSize === 0 ? Number.POSITIVE_INFINITY : maxSize,
    keep: raw.keep,
  };
}
