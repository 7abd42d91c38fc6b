import { AS_THE_DAEMON } from "../../../src/model/as-the-daemon.ts";
import { expect, test } from "vitest";
import { service as defaults } from "../../support/decls.ts";
import { service, serviceOf, told, unitsOf } from "../../support/units/load.ts";

test("a service with nothing but a command has the defaults of the language", async () => {
  expect(await serviceOf("")).toEqual(
    defaults("g@s", {
      run: { program: "/bin/x", args: [], env: {}, envFiles: [], cwd: "/", stdin: undefined, reload: undefined, ...AS_THE_DAEMON },
      startTimeoutMs: 30_000,
      origin: { file: "g.toml", line: 1 },
    }),
  );
});

test("a service is bound to its start-on unless it has a stop-on, or says so itself", async () => {
  expect(await serviceOf('stop-on = ["rind@up"]')).toMatchObject({ bound: false });
  expect(await serviceOf('stop-on = ["rind@up"]\nbound = true')).toMatchObject({ bound: true });
  expect(await serviceOf("bound = false")).toMatchObject({ bound: false });
});

test("an empty list means that the key was not given", async () => {
  expect(await serviceOf("stop-on = []\nsuccess-exit-codes = []")).toMatchObject({ bound: true, successExitCodes: [0] });
});

test.each([
  ["true", { on: "always", maxRetries: Number.POSITIVE_INFINITY }],
  ["false", { on: "never" }],
  ["'no'", { on: "never" }],
  ["'always'", { on: "always", maxRetries: 10 }],
  ["'on_failure'", { on: "on-failure" }],
  ["{ max-retries = 5 }", { on: "on-failure", maxRetries: 5 }],
  ["{ max_retries = 5 }", { on: "on-failure", maxRetries: 5 }],
  ["{ max-retries = 0 }", { maxRetries: Number.POSITIVE_INFINITY }],
  ["{ max-retries = 'unlimited' }", { maxRetries: Number.POSITIVE_INFINITY }],
  [
    "{ on = 'always', delay = '2s', backoff = 1, max-delay = 60, stable-after-ms = 5 }",
    { on: "always", delayMs: 2_000, backoff: 1, maxDelayMs: 60_000, stableAfterMs: 5 },
  ],
  ["{ jitter = 0.5, window = '10s' }", { jitter: 0.5, windowMs: 10_000 }],
  ["{ window-ms = 10 }", { jitter: 0, windowMs: 10 }],
])("restart = %s", async (text, expected) => {
  expect((await serviceOf(`restart = ${text}`)).restart).toMatchObject(expected);
});

test("the settings give the fields that a restart policy leaves out", async () => {
  const settings = "[settings]\nrestart = { max-retries = 3, delay = '7s' }\n";
  const { services } = await unitsOf(settings + service("restart = { delay = '1s', on = 'always' }"));
  expect(services[0]?.restart).toMatchObject({ on: "always", maxRetries: 3, delayMs: 1_000, backoff: 2 });
});

test.each([
  ["'5s'", 5_000],
  ["'3m'", 180_000],
  ["'2h'", 7_200_000],
  ["'1d'", 86_400_000],
  ["12", 12_000],
  ["'12'", 12_000],
  ["0.25", 250],
  ["'250ms'", 250],
  ["'1h30m'", 5_400_000],
])("96: the duration %s is %d ms", async (text, ms) => {
  expect((await serviceOf(`stop-timeout = ${text}`)).stopTimeoutMs).toBe(ms);
});

test.each(["''", "'foo'", "'xs'", "'5 s'", "'-5s'", "-5", "nan", "inf", "true", "[]"])("96: %s is no duration", async (text) => {
  expect(await told(service(`stop-timeout = ${text}`))).toHaveLength(1);
});

test("a duration can be given in milliseconds, and not twice", async () => {
  expect(await serviceOf("stop-timeout-ms = 1500")).toMatchObject({ stopTimeoutMs: 1_500 });
  expect(await told(service("stop-timeout = 5\nstop-timeout-ms = 5"))).toEqual([
    'g.toml:5:1: "stop-timeout" and "stop-timeout-ms" are the same setting (give it once)',
  ]);
});

test("a start-timeout is 30 seconds, and of a oneshot, whose whole run it bounds, there is none", async () => {
  expect(await serviceOf("")).toMatchObject({ startTimeoutMs: 30_000 });
  expect(await serviceOf("start-timeout-ms = 5")).toMatchObject({ startTimeoutMs: 5 });
  expect(await serviceOf("type = 'oneshot'")).toMatchObject({ startTimeoutMs: undefined });
  expect(await serviceOf("type = 'oneshot'\nstart-timeout = '1m'")).toMatchObject({ type: "oneshot", startTimeoutMs: 60_000 });
});

test.each([
  ["'TERM'", "SIGTERM"],
  ["'SIGUSR1'", "SIGUSR1"],
  ["2", "SIGINT"],
  ["9", "SIGKILL"],
])("stop-signal = %s is %s", async (text, name) => {
  expect((await serviceOf(`stop-signal = ${text}`)).stopSignal).toBe(name);
});

test("both spellings of a key and of a fixed word are the same", async () => {
  const lines =
    'start_on = ["rind@user_session", { service = "s2", is = "ready" }]\nstop_timeout = 3\nrun = { exec = "x", env = { a_b = "1" } }';
  const text = `${service(lines)}[[service]]\nname = "s2"\nrun = "x"\n[[state]]\nname = "a"\nactivate_on_none = ["rind@up"]\n`;
  const { services, states } = await unitsOf(text);
  expect(services[0]).toMatchObject({
    stopTimeoutMs: 3_000,
    run: { env: { a_b: "1" } },
    startOn: [{ name: "rind@user_session" }, { name: "g@s2" }],
  });
  expect(states[0]?.activateOnNone).toEqual([{ state: "rind@up", branch: undefined }]);
});

test("both spellings of one key in one table are an error", async () => {
  expect(await told(service("stop_timeout = 3\nstop-timeout = 3"))).toEqual([
    'g.toml:4:1: "stop_timeout" and "stop-timeout" are the same key (give it once)',
  ]);
});

test.each([
  ["'16MiB'", 16 * 1_024 * 1_024],
  ["'10MB'", 10_000_000],
  ["'1.5 GiB'", 1_610_612_736],
  ["'512B'", 512],
  ["'64kB'", 64_000],
  ["'64KiB'", 65_536],
  ["'4096'", 4_096],
  ["4096", 4_096],
  ["0", Number.POSITIVE_INFINITY],
  ["'0'", Number.POSITIVE_INFINITY],
])("log.max-size = %s is %d bytes", async (text, maxSize) => {
  expect((await serviceOf(`log = { file = "x.log", max-size = ${text} }`)).log).toEqual({ lines: 1_000, file: "/x.log", maxSize, keep: 4 });
});

test.each(["''", "'16 miles'", "'16Mib'", "-1", "1.5", "'1.5'", "nan", "inf", "true"])("%s is no size", async (text) => {
  expect(await told(service(`log.max-size = ${text}`))).toHaveLength(1);
});

test("a log file is relative to the project folder, and none is made unless it is named", async () => {
  expect((await serviceOf("log = { file = 'logs/x', keep = 0 }", { cwd: "/home/p" })).log).toMatchObject({
    file: "/home/p/logs/x",
    keep: 0,
  });
  expect((await serviceOf("log.lines = 5")).log).toMatchObject({ lines: 5, file: undefined });
});

test("services that write to the same file are told", async () => {
  const other = '[[service]]\nname = "a"\nrun = "x"\nlog.file = "logs/x"\n';
  expect(await told(other + service("log.file = '/logs/x'"))).toEqual([
    "warning g.toml:8:12: g@a writes to /logs/x too (give each a file of its own)",
  ]);
});

test.each([
  ["'db-ctl \"stop now\"'", { program: "db-ctl", args: ["stop now"] }],
  ["['bin/ctl', 'stop']", { program: "/p/bin/ctl", args: ["stop"] }],
  ["{ exec = 'ctl', args = ['stop'] }", { program: "ctl", args: ["stop"] }],
  ["{ shell = 'kill $MAINPID' }", { program: "sh", args: ["-c", "kill $MAINPID", "sh"] }],
])("stop-command = %s", async (text, command) => {
  expect((await serviceOf(`stop-command = ${text}`, { cwd: "/p" })).stopCommand).toEqual(command);
});

test("a service may be critical", async () => {
  expect(await serviceOf("critical = true")).toMatchObject({ critical: true });
});

test("branching has a key, places, and filters by text, state and variable", async () => {
  const text = `[[variable]]\nname = "v"\n[[state]]\nname = "taken"\n[[state]]\nname = "users"\n${service("branching = { source-state = 'users', max-instances = 2, only = ['a', 'var:v'], except = ['state:taken'] }")}`;
  expect((await unitsOf(text)).services[0]?.branching).toEqual({
    sourceState: "g@users",
    key: "id",
    maxInstances: 2,
    only: [
      { kind: "text", text: "a" },
      { kind: "variable", name: "g@v" },
    ],
    except: [{ kind: "state", name: "g@taken" }],
  });
  expect(await serviceOf("branching = { enabled = false, source-state = 'x' }")).toMatchObject({ branching: undefined });
});

test("a service cannot branch on a state whose payload has no fields", async () => {
  expect(await told(service("branching = { source-state = 'rind@up' }"))).toEqual([
    'g.toml:4:30: the payload of "rind@up" is none, and only json has fields to branch on',
  ]);
});
