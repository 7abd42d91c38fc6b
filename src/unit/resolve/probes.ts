/** `ready`, `health` and `watchdog` (SPEC 6.5). */
import type { HealthDecl, ProbeDecl, ProbeTiming, ReadyDecl, WatchdogDecl } from "../../model/unit-set.ts";
import type { Path } from "../problem.ts";
import type { RawHealth, RawProbe, RawWatchdog } from "../schema/probe.ts";
import type { RawService } from "../schema/service.ts";
import type { Scope } from "../scope.ts";
import { shellCommand, wordsCommand } from "./command.ts";

const PERIOD_MS = 10_000;
/** Of `ready` until its first success. */
const START_PERIOD_MS = 1_000;
const READY_TIMEOUT_MS = 1_000;
const HEALTH_TIMEOUT_MS = 5_000;
const TOLD_ITSELF: ReadyDecl = {
  probe: { kind: "notify" },
  initialDelayMs: 0,
  periodMs: PERIOD_MS,
  startPeriodMs: START_PERIOD_MS,
  timeoutMs: READY_TIMEOUT_MS,
  successThreshold: 1,
  failureThreshold: 3,
};

/** undefined: ready when its process is up, or an error was reported. */
export function resolveReady({ type, ready: raw }: RawService, scope: Scope): ReadyDecl | undefined {
  if (raw === undefined) return type === "notify" ? TOLD_ITSELF : undefined;
  if (type === "oneshot") return ofOneshot("ready", scope);
  if (type === "notify" && raw.notify === undefined) {
    scope.report.error(["ready"], 'type = "notify" is ready.notify = true, and "ready" is something else', "give one of the two");
    return undefined;
  }
  const probe = probeOf(raw, ["ready"], scope);
  const given = raw["period-ms"] ?? raw.period;
  const timing = timingOf(raw, READY_TIMEOUT_MS);
  return probe === undefined ? undefined : { ...timing, probe, startPeriodMs: given ?? START_PERIOD_MS };
}

export function resolveHealth({ type, health: raw }: RawService, scope: Scope): HealthDecl | undefined {
  if (raw === undefined) return undefined;
  if (type === "oneshot") return ofOneshot("health", scope);
  const probe = probeOf(raw, ["health"], scope);
  return probe === undefined ? undefined : { ...timingOf(raw, HEALTH_TIMEOUT_MS), probe, onUnhealthy: raw["on-unhealthy"] };
}

export function resolveWatchdog(raw: RawWatchdog | undefined): WatchdogDecl | undefined {
  if (raw === undefined) return undefined;
  const intervalMs = raw["interval-ms"] ?? raw.interval ?? (raw.usec ?? 0) / 1_000;
  return { intervalMs, requireReady: raw["require-ready"], action: raw.action };
}

function ofOneshot(key: string, scope: Scope): undefined {
  scope.report.warning([key], `a oneshot is ready when it has succeeded, and then its process is gone: "${key}" is never asked`);
  return undefined;
}

function timingOf(raw: RawProbe | RawHealth, timeoutMs: number): ProbeTiming {
  return {
    initialDelayMs: raw["initial-delay-ms"] ?? raw["initial-delay"],
    periodMs: raw["period-ms"] ?? raw.period ?? PERIOD_MS,
    timeoutMs: raw["timeout-ms"] ?? raw.timeout ?? raw["probe-timeout-ms"] ?? raw["probe-timeout"] ?? timeoutMs,
    successThreshold: raw["success-threshold"],
    failureThreshold: raw["failure-threshold"],
  };
}

function probeOf(raw: RawProbe | RawHealth, path: Path, scope: Scope): ProbeDecl | undefined {
  if (raw.exec !== undefined) return execProbe(raw.exec, [...path, "exec"], scope);
  if (raw.http !== undefined) return httpProbe(raw.http.get);
  if (raw.tcp !== undefined) return tcpProbe(raw.tcp, [...path, "tcp"], scope);
  if (raw.unix !== undefined) return { kind: "unix", path: scope.path(raw.unix, [...path, "unix"]) };
  if (raw.log !== undefined) return logProbe(raw.log, [...path, "log"], scope);
  return { kind: "notify" };
}

function execProbe(raw: string | readonly string[], path: Path, scope: Scope): ProbeDecl | undefined {
  const call = typeof raw === "string" ? shellCommand(raw, [], path, scope) : wordsCommand(raw, path, scope);
  return call === undefined ? undefined : { kind: "exec", ...call };
}

function httpProbe({ scheme, host, port, path, headers, status }: NonNullable<RawProbe["http"]>["get"]): ProbeDecl {
  return { kind: "http", scheme, host, port, path, headers: headers ?? {}, status };
}

function tcpProbe(address: string, path: Path, scope: Scope): ProbeDecl | undefined {
  const colon = address.lastIndexOf(":");
  const port = Number(address.slice(colon + 1));
  if (port < 1 || port > 65_535) {
    scope.report.error(path, `${port} is no port`, "a port is a number from 1 to 65535");
    return undefined;
  }
  return { kind: "tcp", host: address.slice(0, colon).replace(/^\[(.*)\]$/, "$1"), port };
}

function logProbe(pattern: string, path: Path, scope: Scope): ProbeDecl | undefined {
  try {
    new RegExp(pattern);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^Invalid regular expression: /, "") : String(cause);
    scope.report.error(path, `this is no regular expression: ${why}`);
    return undefined;
  }
  return { kind: "log", pattern };
}
