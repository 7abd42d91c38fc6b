/**
 * Items as tables of native keys, complete: merged, with names in full, paths absolute, times in milliseconds, and every default filled in.
 * A key that has no value is left out. What stands here can be read again by the loader, and means the same.
 */
import type { Json, JsonObject } from "../../model/json.ts";
import type {
  Branching,
  HealthDecl,
  KeyFilter,
  LogDecl,
  OrderItem,
  ProbeDecl,
  ReadyDecl,
  RestartPolicy,
  ServiceDecl,
  Settings,
  SignalDecl,
  StateDecl,
  VariableDecl,
  WatchdogDecl,
} from "../../model/unit-set.ts";
import { itemOf } from "../names.ts";
import { rightsConfig } from "./config-others.ts";
import { runConfig, spaceConfig } from "./config-run.ts";
import { given } from "./given.ts";
import { writtenCondition, writtenField, writtenHook, writtenTransport } from "./written.ts";

type Given = Readonly<Record<string, Json | undefined>>;

export function serviceConfig(decl: ServiceDecl): JsonObject {
  return given({
    name: itemOf(decl.name),
    run: runConfig(decl.run),
    type: decl.type,
    "start-on": decl.startOn.map(writtenCondition),
    "stop-on": decl.stopOn.map(writtenCondition),
    bound: decl.bound,
    "restart-on": decl.restartOn.map(writtenCondition),
    "reload-on": decl.reloadOn.map(writtenCondition),
    status: decl.status,
    class: decl.class,
    critical: decl.critical,
    after: decl.after.map(orderConfig),
    requires: decl.requires.map((item) => ({ ...orderConfig(item), "on-loss": item.onLoss })),
    wants: decl.wants.map(orderConfig),
    conflicts: decl.conflicts,
    ready: decl.ready === undefined ? undefined : readyConfig(decl.ready),
    health: decl.health === undefined ? undefined : healthConfig(decl.health),
    watchdog: decl.watchdog === undefined ? undefined : watchdogConfig(decl.watchdog),
    restart: restartConfig(decl.restart),
    "success-exit-codes": decl.successExitCodes,
    "start-timeout-ms": decl.startTimeoutMs,
    "stop-command": decl.stopCommand === undefined ? undefined : callConfig(decl.stopCommand),
    "stop-signal": decl.stopSignal,
    "stop-timeout-ms": decl.stopTimeoutMs,
    branching: decl.branching === undefined ? undefined : branchingConfig(decl.branching),
    transport: decl.transport.map(writtenTransport),
    "on-start": decl.onStart.map(writtenHook),
    "on-ready": decl.onReady.map(writtenHook),
    "on-stop": decl.onStop.map(writtenHook),
    "on-fail": decl.onFail.map(writtenHook),
    log: logConfig(decl.log),
    ...spaceConfig(decl),
    "managed-by": rightsConfig(decl.managedBy),
  });
}

export function stateConfig(decl: StateDecl): JsonObject {
  return given({
    ...factConfig(decl),
    "activate-on-none": decl.activateOnNone.map(({ state, branch }) =>
      branch === undefined ? state : { state, branch: writtenField(branch) },
    ),
    "stop-on": decl.stopOn.map(writtenCondition),
    "auto-payload":
      decl.autoPayload === undefined
        ? undefined
        : {
            eval: decl.autoPayload.eval,
            args: decl.autoPayload.args,
            insert: decl.autoPayload.insert.kind === "root" ? "root" : decl.autoPayload.insert.keys,
          },
    persist: { disk: true, boot: "boot", memory: false }[decl.persist],
  });
}

export function signalConfig(decl: SignalDecl): JsonObject {
  return given(factConfig(decl));
}

export function variableConfig({ name, default: value, env }: VariableDecl): JsonObject {
  return given({ name: itemOf(name), default: value, env });
}

export function settingsConfig({ env, path, startup, logFolder, onEmpty, shutdownTimeoutMs }: Settings): JsonObject {
  return given({
    env,
    path,
    startup: startup === undefined ? undefined : callConfig(startup),
    logging: logFolder === undefined ? { enable: false } : { enable: true, dir: logFolder },
    "on-empty": onEmpty,
    "shutdown-timeout-ms": shutdownTimeoutMs,
  });
}

function factConfig({ name, payload, branch, after, subscribers, permissions }: SignalDecl): Given {
  return {
    name: itemOf(name),
    payload,
    branch: branch.map(writtenField),
    after: after.map(writtenCondition),
    subscribers: subscribers.map(({ path, permissions: rights }) => ({ id: "uds", options: [path], permissions: rightsConfig(rights) })),
    permissions: rightsConfig(permissions),
  };
}

function callConfig({ program, args }: { readonly program: string; readonly args: readonly string[] }): JsonObject {
  return { exec: program, args };
}

function orderConfig({ service, is }: OrderItem): { service: string; is: string } {
  return { service, is };
}

function probeConfig(probe: ProbeDecl): JsonObject {
  switch (probe.kind) {
    case "exec":
      return { exec: [probe.program, ...probe.args] };
    case "http": {
      const { scheme, host, port, path, headers, status } = probe;
      return { http: { get: given({ scheme, host, port, path, headers, status }) } };
    }
    case "tcp":
      return { tcp: `${probe.host.includes(":") ? `[${probe.host}]` : probe.host}:${probe.port}` };
    case "unix":
      return { unix: probe.path };
    case "notify":
      return { notify: true };
    case "log":
      return { log: probe.pattern };
  }
}

function timingConfig(decl: ReadyDecl | HealthDecl): JsonObject {
  return {
    "initial-delay-ms": decl.initialDelayMs,
    "period-ms": decl.periodMs,
    "timeout-ms": decl.timeoutMs,
    "success-threshold": decl.successThreshold,
    "failure-threshold": decl.failureThreshold,
  };
}

/** A period that is written holds from the start, so its default, which does not, is left out. */
function readyConfig(decl: ReadyDecl): JsonObject {
  const { "period-ms": period, ...timing } = timingConfig(decl);
  return given({ ...probeConfig(decl.probe), ...timing, "period-ms": decl.periodMs === decl.startPeriodMs ? period : undefined });
}

function healthConfig(decl: HealthDecl): JsonObject {
  return { ...probeConfig(decl.probe), ...timingConfig(decl), "on-unhealthy": decl.onUnhealthy };
}

function watchdogConfig({ intervalMs, requireReady, action }: WatchdogDecl): JsonObject {
  return { "interval-ms": intervalMs, "require-ready": requireReady, action };
}

function restartConfig({ on, maxRetries, delayMs, backoff, maxDelayMs, stableAfterMs, jitter, windowMs }: RestartPolicy): JsonObject {
  return given({
    on,
    "max-retries": Number.isFinite(maxRetries) ? maxRetries : "unlimited",
    "delay-ms": delayMs,
    backoff,
    "max-delay-ms": maxDelayMs,
    "stable-after-ms": stableAfterMs,
    jitter,
    "window-ms": windowMs,
  });
}

function branchingConfig({ sourceState, key, maxInstances, only, except }: Branching): JsonObject {
  return given({
    enabled: true,
    "source-state": sourceState,
    key,
    "max-instances": Number.isFinite(maxInstances) ? maxInstances : undefined,
    only: only.map(filterConfig),
    except: except.map(filterConfig),
  });
}

function filterConfig(filter: KeyFilter): string {
  if (filter.kind === "text") return filter.text;
  return `${filter.kind === "state" ? "state" : "var"}:${filter.name}`;
}

function logConfig({ lines, file, maxSize, keep }: LogDecl): JsonObject {
  return given({ lines, file, "max-size": Number.isFinite(maxSize) ? maxSize : 0, keep });
}
