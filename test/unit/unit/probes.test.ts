import { expect, test } from "vitest";
import { service, serviceOf, told } from "../../support/units/load.ts";

const timing = { initialDelayMs: 0, periodMs: 10_000, successThreshold: 1, failureThreshold: 3 };

test("002-19, 002-20, 002-21, 002-22, 002-23: the defaults of a ready probe", async () => {
  expect((await serviceOf("ready.exec = 'pg_isready -d $DB'")).ready).toEqual({
    ...timing,
    probe: { kind: "exec", program: "sh", args: ["-c", "pg_isready -d $DB", "sh"] },
    startPeriodMs: 1_000,
    timeoutMs: 1_000,
  });
});

test("a health probe has five seconds, and is for information unless it says otherwise", async () => {
  expect((await serviceOf("health.exec = ['bin/check', '-q']", { cwd: "/p" })).health).toEqual({
    ...timing,
    probe: { kind: "exec", program: "/p/bin/check", args: ["-q"] },
    timeoutMs: 5_000,
    onUnhealthy: "ignore",
  });
  expect((await serviceOf("health = { exec = 'x', on_unhealthy = 'restart' }")).health).toMatchObject({ onUnhealthy: "restart" });
});

test("002-24: the timing of every kind of probe can be set, and a given period holds from the start", async () => {
  const lines = "initial_delay = 2\nperiod = 3\ntimeout = 4\nsuccess_threshold = 5\nfailure_threshold = 6\n";
  for (const kind of ["exec = 'x'", "tcp = 'x:1'", "unix = 'x'", "notify = true", "log = 'x'", "http.get.port = 1"]) {
    expect((await serviceOf(`[service.ready]\n${kind}\n${lines}`)).ready).toMatchObject({
      initialDelayMs: 2_000,
      periodMs: 3_000,
      startPeriodMs: 3_000,
      timeoutMs: 4_000,
      successThreshold: 5,
      failureThreshold: 6,
    });
  }
});

test("002-21: probe-timeout is another word for timeout, and milliseconds have keys of their own", async () => {
  expect((await serviceOf("ready = { exec = 'x', probe_timeout = 3 }")).ready).toMatchObject({ timeoutMs: 3_000 });
  expect((await serviceOf("ready = { exec = 'x', probe-timeout-ms = 3, period-ms = 4, initial-delay-ms = 5 }")).ready).toMatchObject({
    timeoutMs: 3,
    periodMs: 4,
    initialDelayMs: 5,
  });
});

test("002-16: an http probe needs a port", async () => {
  const http = { kind: "http", scheme: "http", host: "127.0.0.1", port: 8080, path: "/", headers: {}, status: undefined };
  expect((await serviceOf("ready.http.get = { port = 8080 }")).ready?.probe).toEqual(http);
  expect(
    (
      await serviceOf(
        "ready.http.get = { port = 8080, path = '/h', host = 'h', scheme = 'https', headers = { X-A_b = 'c' }, status = 204 }",
      )
    ).ready?.probe,
  ).toEqual({ kind: "http", scheme: "https", host: "h", port: 8080, path: "/h", headers: { "X-A_b": "c" }, status: 204 });
});

test.each([
  ["tcp = 'localhost:5432'", { kind: "tcp", host: "localhost", port: 5432 }],
  ["tcp = '[::1]:80'", { kind: "tcp", host: "::1", port: 80 }],
  ["unix = 'run/x.sock'", { kind: "unix", path: "/p/run/x.sock" }],
  ["log = '^ready( now)?$'", { kind: "log", pattern: "^ready( now)?$" }],
  ["notify = true", { kind: "notify" }],
])("ready.%s", async (line, probe) => {
  expect((await serviceOf(`ready.${line}`, { cwd: "/p" })).ready?.probe).toEqual(probe);
});

test("002-17: the type notify is a probe that the process answers itself", async () => {
  const notify = await serviceOf("type = 'notify'");
  expect(notify).toMatchObject({ type: "simple", ready: { probe: { kind: "notify" } } });
  expect(notify).toEqual(await serviceOf("ready.notify = true"));
  expect((await serviceOf("type = 'notify'\nready = { notify = true, success-threshold = 2 }")).ready).toMatchObject({
    successThreshold: 2,
  });
});

test("a oneshot is ready when it has succeeded, whatever a probe would say", async () => {
  const said = 'a oneshot is ready when it has succeeded, and then its process is gone: "ready" is never asked';
  expect(await told(service("type = 'oneshot'\nready.exec = 'x'"))).toEqual([`warning g.toml:5:1: ${said}`]);
  expect(await serviceOf("type = 'oneshot'\nhealth.exec = 'x'")).toMatchObject({ health: undefined });
});

test.each([
  ["interval = '2s'", 2_000],
  ["interval-ms = 1500", 1_500],
  ["usec = 30000000", 30_000],
])("002-39: watchdog with %s", async (line, intervalMs) => {
  expect((await serviceOf(`watchdog.${line}`)).watchdog).toEqual({ intervalMs, requireReady: true, action: "restart" });
});

test("002-41, 002-42: a watchdog counts from READY=1 on, or from the start", async () => {
  expect((await serviceOf("watchdog = { interval = 1, require_ready = false, action = 'abort' }")).watchdog).toEqual({
    intervalMs: 1_000,
    requireReady: false,
    action: "abort",
  });
});

const PROBES = '"exec", "http", "tcp", "unix", "notify", "log"';

test.each([
  ["ready = {}", `4:9: one of ${PROBES} is missing`],
  ["ready = { exec = 'x', tcp = 'x:1' }", `4:9: only one of ${PROBES} can be given`],
  [
    "ready = { exec = 'x', timeout = 1, probe-timeout = 2 }",
    '4:9: only one of "timeout", "timeout-ms", "probe-timeout", "probe-timeout-ms" can be given',
  ],
  ["ready = { notify = true }\ntype = 'notify'\nhealth.log = '('", "6:14: this is no regular expression: /(/: Unterminated group"],
  ["type = 'notify'\nready.exec = 'x'", '5:1: type = "notify" is ready.notify = true, and "ready" is something else (give one of the two)'],
  ["ready.http.get = { path = '/' }", '4:18: "port" is missing (it must be a port from 1 to 65535)'],
  ["ready.http.get = { port = 70000 }", '4:27: "ready.http.get.port" must be a port from 1 to 65535, not 70000'],
  ["ready.http.get = { port = 80, path = 'x' }", '4:38: "ready.http.get.path" must be a path that begins with "/", not "x"'],
  [
    "ready.http.get = { port = 80, scheme = 'htps' }",
    '4:40: "ready.http.get.scheme" must be "http" or "https", not "htps" (did you mean "https"?)',
  ],
  ["ready.http.get = { port = 80, status = 42 }", '4:40: "ready.http.get.status" must be an http status from 100 to 599, not 42'],
  ["ready.tcp = 'localhost'", '4:13: "ready.tcp" must be HOST:PORT such as "localhost:5432", not "localhost"'],
  ["ready.tcp = 'localhost:0'", "4:13: 0 is no port (a port is a number from 1 to 65535)"],
  ["ready.tcp = 'localhost:99999'", "4:13: 99999 is no port (a port is a number from 1 to 65535)"],
  ["ready = { exec = 'x', period = 0 }", '4:32: "ready.period" must be a duration above 0, not 0'],
  ["ready = { exec = ['x', 5] }", '4:24: "ready.exec[1]" must be text, not 5'],
  ["ready = { exec = 'x', failure-threshold = 0 }", '4:43: "ready.failure-threshold" must be a whole number from 1, not 0'],
  ["health = { exec = 'x', on-unhealthy = 'kill' }", '4:39: "health.on-unhealthy" must be "ignore", "restart" or "stop", not "kill"'],
  ["watchdog = {}", '4:12: one of "interval", "interval-ms", "usec" is missing'],
  ["watchdog = { interval = '0s' }", '4:25: "watchdog.interval" must be a duration above 0, not "0s"'],
  ["watchdog = { interval = 1, action = 'kill' }", '4:37: "watchdog.action" must be "restart", "stop" or "abort", not "kill"'],
  ["stop-command = {}", '4:16: one of "exec", "shell" is missing'],
  ["stop-command = 'x \"y'", "4:16: a quote or a backslash is left open (close it, or write a list of words)"],
  ["restart = { jitter = 2 }", '4:22: "restart.jitter" must be a number from 0 to 1, not 2'],
  ["restart = { window = 0 }", '4:22: "restart.window" must be a duration above 0, not 0'],
  ["log.max-size = '16 miles'", '4:16: "log.max-size" must be a size such as "16MiB", "10MB" or a number of bytes, not "16 miles"'],
])("%s is an error", async (lines, message) => {
  expect(await told(service(lines))).toEqual([`g.toml:${message}`]);
});
