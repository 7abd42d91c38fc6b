import type { OrderItem, Origin, PayloadKind, ServiceDecl } from "../../model/unit-set.ts";
import type { Path } from "../problem.ts";
import type { RawOrderItem } from "../schema/order.ts";
import type { RawRestart } from "../schema/restart.ts";
import type { RawService } from "../schema/service.ts";
import type { Scope } from "../scope.ts";
import { resolveBranching } from "./branching.ts";
import { resolveConditions } from "./conditions.ts";
import { resolveHooks } from "./hooks.ts";
import { killSignalOf } from "./kill-signal.ts";
import { resolveRestart } from "./restart.ts";
import { resolveRun, type VariableValue } from "./run.ts";
import { resolveTransport } from "./transport.ts";

/** What a service takes from other items than itself. */
export interface ServiceContext {
  readonly restart: RawRestart | undefined;
  readonly valueOf: VariableValue;
  /** The type of a state's payload; undefined where the state is implied. */
  readonly payloadOf: (state: string) => PayloadKind | undefined;
}

const LATER_SUFFIX = /@(started|ready|completed?|succeeded)$/;

/** undefined: there is nothing to run, which was reported. */
export function resolveService(
  name: string,
  raw: RawService,
  origin: Origin,
  context: ServiceContext,
  scope: Scope,
): ServiceDecl | undefined {
  const run = resolveRun(raw.run, context.valueOf, scope);
  const conditionsOf = (key: "start-on" | "stop-on" | "restart-on" | "reload-on") => resolveConditions(raw[key], [key], scope);
  const startOn = conditionsOf("start-on");
  const stopOn = conditionsOf("stop-on");
  const reloadOn = conditionsOf("reload-on");
  const rest = {
    name,
    type: raw.type,
    startOn,
    stopOn,
    bound: raw.bound ?? (raw["stop-on"] ?? []).length === 0,
    restartOn: conditionsOf("restart-on"),
    reloadOn,
    status: raw.status,
    class: raw.class,
    critical: false,
    after: (raw.after ?? []).flatMap((item, index) => orderItem(item, ["after", index], scope) ?? []),
    requires: [],
    wants: [],
    conflicts: [],
    ready: undefined,
    health: undefined,
    watchdog: undefined,
    restart: resolveRestart(raw.restart, context.restart),
    successExitCodes: raw["success-exit-codes"].length === 0 ? [0] : raw["success-exit-codes"],
    startTimeoutMs: raw["start-timeout-ms"] ?? raw["start-timeout"],
    stopCommand: undefined,
    stopSignal: killSignalOf(raw["stop-signal"]) ?? "SIGTERM",
    stopTimeoutMs: raw["stop-timeout-ms"] ?? raw["stop-timeout"],
    branching: resolveBranching(raw.branching, context.payloadOf, scope),
    transport: resolveTransport(raw.transport, scope),
    onStart: resolveHooks(raw["on-start"], "on-start", scope),
    onReady: resolveHooks(raw["on-ready"], "on-ready", scope),
    onStop: resolveHooks(raw["on-stop"], "on-stop", scope),
    onFail: resolveHooks(raw["on-fail"], "on-fail", scope),
    log: { lines: raw.log?.lines ?? 1000, file: undefined, maxSize: Number.POSITIVE_INFINITY, keep: 4 },
    origin,
  } satisfies Omit<ServiceDecl, "run">;
  if (run === undefined) return undefined;
  if (reloadOn.length > 0 && run.reload === undefined) {
    scope.report.error(["reload-on"], '"reload-on" needs "run.reload"', 'say how it reloads, such as run.reload = "SIGHUP"');
  }
  return { ...rest, run };
}

function orderItem(raw: RawOrderItem, path: Path, scope: Scope): OrderItem | undefined {
  if (typeof raw === "string") {
    const plain = raw.replace(LATER_SUFFIX, "");
    if (plain !== raw && !scope.isService(raw) && scope.isService(plain)) {
      scope.report.error(path, `"${raw.slice(plain.length)}" is not supported yet`, `write { service = "${plain}", is = "..." }`);
      return undefined;
    }
    const service = scope.service(raw, path);
    return service === undefined ? undefined : { service, is: "ready" };
  }
  const service = scope.service(raw.service, [...path, "service"]);
  return service === undefined ? undefined : { service, is: raw.is ?? "ready" };
}
