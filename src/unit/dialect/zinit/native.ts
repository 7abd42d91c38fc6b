/** What a service file of zinit's means in native keys, and where each of these is written in it. */
import type { Path, Report } from "../../problem.ts";
import { splitWords } from "../../split-words.ts";
import type { TomlTable } from "../../toml-table.ts";
import type { ZinitConfig, ZinitHealth } from "./schema.ts";

/**
 * The item that the native check takes; undefined: a mistake was reported. `fullNames`: of the services of zinit's files by the names that
 * these use; every other name is looked for like a bare name in a native file.
 */
export function nativeTable(zinit: ZinitConfig, fullNames: ReadonlyMap<string, string>, report: Report): TomlTable | undefined {
  const { service, dependencies, lifecycle, health, logging } = zinit;
  const words = commandWords(service.exec, ["service", "exec"], report);
  const check = health === undefined ? {} : { health: healthTable(health, service.dir, report) };
  if (words === undefined || ("health" in check && check.health === undefined)) return undefined;
  const order = (names: readonly string[]) => names.map((name) => ({ service: fullNames.get(name) ?? name }));
  const [program = "", ...args] = words;
  return {
    name: service.name,
    run: {
      exec: inFolder(program, service.dir),
      args,
      env: service.env,
      ...(service.dir === undefined ? {} : { cwd: service.dir }),
    },
    type: service.oneshot ? "oneshot" : "simple",
    status: service.status,
    class: service.class,
    critical: service.critical,
    after: order(dependencies.after),
    requires: order(dependencies.requires),
    wants: order(dependencies.wants),
    conflicts: order(dependencies.conflicts),
    restart: {
      on: lifecycle.restart,
      "max-retries": lifecycle.max_restarts,
      "delay-ms": lifecycle.restart_delay_ms,
      backoff: 2,
      "max-delay-ms": lifecycle.restart_delay_max_ms,
      "stable-after-ms": lifecycle.stability_period_ms,
    },
    "start-timeout-ms": lifecycle.start_timeout_ms,
    "stop-timeout-ms": lifecycle.stop_timeout_ms,
    "stop-signal": lifecycle.stop_signal,
    ...check,
    // zinit rotates nothing: the file has all output
    log: { lines: logging.buffer_lines, ...(logging.file === undefined ? {} : { file: logging.file }), "max-size": 0 },
  };
}

const PLACES: readonly (readonly [native: readonly string[], zinit: readonly string[]])[] = [
  [
    ["run", "env"],
    ["service", "env"],
  ],
  [
    ["run", "cwd"],
    ["service", "dir"],
  ],
  [
    ["run", "exec"],
    ["service", "exec"],
  ],
  [
    ["run", "args"],
    ["service", "exec"],
  ],
  [["type"], ["service", "oneshot"]],
  [
    ["restart", "on"],
    ["lifecycle", "restart"],
  ],
  [
    ["restart", "max-retries"],
    ["lifecycle", "max_restarts"],
  ],
  [
    ["restart", "delay-ms"],
    ["lifecycle", "restart_delay_ms"],
  ],
  [
    ["restart", "max-delay-ms"],
    ["lifecycle", "restart_delay_max_ms"],
  ],
  [
    ["restart", "stable-after-ms"],
    ["lifecycle", "stability_period_ms"],
  ],
  [["start-timeout-ms"], ["lifecycle", "start_timeout_ms"]],
  [["stop-timeout-ms"], ["lifecycle", "stop_timeout_ms"]],
  [["stop-signal"], ["lifecycle", "stop_signal"]],
  [
    ["health", "period-ms"],
    ["health", "interval_ms"],
  ],
  [
    ["health", "timeout-ms"],
    ["health", "timeout_ms"],
  ],
  [
    ["health", "failure-threshold"],
    ["health", "retries"],
  ],
  [
    ["health", "initial-delay-ms"],
    ["health", "start_period_ms"],
  ],
  [
    ["health", "http", "get", "status"],
    ["health", "expect_status"],
  ],
  [
    ["health", "exec"],
    ["health", "target"],
  ],
  [
    ["health", "tcp"],
    ["health", "target"],
  ],
  [
    ["health", "http"],
    ["health", "target"],
  ],
  [
    ["log", "lines"],
    ["logging", "buffer_lines"],
  ],
  [
    ["log", "file"],
    ["logging", "file"],
  ],
];

const ORDER = ["after", "requires", "wants", "conflicts"];

/** Where in the file of zinit's the native key at `path` comes from. */
export function zinitPath(path: Path): Path {
  const [first, index] = path;
  if (first === undefined) return ["service"];
  if (first === "run" && index === undefined) return ["service", "exec"];
  if (ORDER.some((key) => key === first)) return ["dependencies", first, ...(index === undefined ? [] : [index])];
  const place = PLACES.find(([native]) => native.every((step, at) => path[at] === step));
  if (place === undefined) return ["service", ...path];
  const [native, zinit] = place;
  return native.at(-1) === "env" ? [...zinit, ...path.slice(native.length)] : zinit;
}

/** zinit starts a program in its folder, and so finds a path that is relative. */
function inFolder(program: string, dir: string | undefined): string {
  if (dir === undefined || program.startsWith("/") || !program.includes("/")) return program;
  return `${dir}/${program}`;
}

function healthTable(health: ZinitHealth, dir: string | undefined, report: Report): TomlTable | undefined {
  const probe = probeTable(health, dir, report);
  return probe === undefined
    ? undefined
    : {
        ...probe,
        "initial-delay-ms": health.start_period_ms,
        "period-ms": health.interval_ms,
        "timeout-ms": health.timeout_ms,
        "failure-threshold": health.retries,
      };
}

function probeTable({ type, target, expect_status: status }: ZinitHealth, dir: string | undefined, report: Report): TomlTable | undefined {
  const at = ["health", "target"];
  if (type === "exec") {
    const words = commandWords(target, at, report);
    return words === undefined ? undefined : { exec: [inFolder(words[0] ?? "", dir), ...words.slice(1)] };
  }
  if (type === "tcp") {
    const port = Number(/:(\d{1,5})$/.exec(target)?.[1] ?? 0);
    if (/^(\[[0-9A-Fa-f:.]+\]|[^\s:[\]]+):\d+$/.test(target) && port >= 1 && port <= 65_535) return { tcp: target };
    report.error(at, `"${target}" is no address to connect to`, 'write HOST:PORT, such as "localhost:5432"');
    return undefined;
  }
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    report.error(at, `"${target}" is no address to ask over http`, 'write "http://HOST:PORT/PATH"');
    return undefined;
  }
  const scheme = url.protocol.slice(0, -1);
  const port = url.port === "" ? (scheme === "http" ? 80 : 443) : Number(url.port);
  return { http: { get: { scheme, host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port, path: url.pathname + url.search, status } } };
}

function commandWords(command: string, path: Path, report: Report): string[] | undefined {
  const words = splitWords(command);
  if (words !== undefined && words.length > 0 && words[0] !== "") return words;
  if (words === undefined) report.error(path, "a quote or a backslash is left open", "close it");
  else report.error(path, "the command names no program");
  return undefined;
}
