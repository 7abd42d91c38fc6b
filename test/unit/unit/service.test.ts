import { expect, test } from "vitest";
import { service, serviceOf, told, unitsOf } from "../../support/units/load.ts";

test("a service with nothing but a command has the defaults of the language", async () => {
  expect(await serviceOf("")).toEqual({
    name: "g@s",
    run: { program: "/bin/x", args: [], env: {}, envFiles: [], cwd: "/", stdin: undefined, reload: undefined },
    type: "simple",
    startOn: [],
    stopOn: [],
    bound: true,
    restartOn: [],
    reloadOn: [],
    status: "start",
    class: "user",
    after: [],
    restart: { on: "on-failure", maxRetries: 10, delayMs: 1_000, backoff: 2, maxDelayMs: 300_000, stableAfterMs: 30_000 },
    successExitCodes: [0],
    startTimeoutMs: undefined,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 10_000,
    branching: undefined,
    transport: [],
    onStart: [],
    onReady: [],
    onStop: [],
    onFail: [],
    log: { lines: 1_000 },
    origin: { file: "g.toml", line: 1 },
  });
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

test("a oneshot may have a start-timeout", async () => {
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

test("what a service waits for is a list of services, each ready unless it says otherwise", async () => {
  const others = ["db", "mail"].map((name) => `[[service]]\nname = "${name}"\nrun = "x"\n`).join("");
  const { services } = await unitsOf(others + service("after = ['db', { service = 'mail', is = 'succeeded' }]"));
  expect(services[2]?.after).toEqual([
    { service: "g@db", is: "ready" },
    { service: "g@mail", is: "succeeded" },
  ]);
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
