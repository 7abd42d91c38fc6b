import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { parse as parseToml } from "smol-toml";
import { expect, test } from "vitest";
import { unitFileJsonSchema, unitFileJsonSchemaText } from "../../../src/unit/json-schema.ts";
import { parse, service } from "../../support/units/load.ts";

const validate = new Ajv({ strict: false }).compile(unitFileJsonSchema());

/** Every name that is not what a case is about: references are beyond a JSON Schema. */
const OTHERS =
  '[[state]]\nname = "a"\n[[state]]\nname = "b"\n[[signal]]\nname = "x"\n[[service]]\nname = "db"\nrun = "x"\n[[variable]]\nname = "v"\n';

const SERVICE_GOOD = [
  "",
  'run = { exec = "x", user = "alice", group = 100, umask = "022", nice = -20, oom-score-adj = -1000, tty = "/dev/tty1" }',
  'run = { exec = "x", umask = 0o022, oom_score_adj = 5, rlimits = { nofile = [1, "unlimited"], core = "unlimited", as = "1GiB" } }',
  'space = "user_selective"\nuser = "alice"',
  'space = { user = "alice" }',
  'space = "user"\nuser-source = { state = "a", username_field = "name" }',
  "managed-by = [7]",
  'run = ["x", "y"]',
  'run = { exec = "x", args = ["a"], env = { A = 1, a_b = true, B = "x" }, cwd = "/", env-file = ["a", "b"], stdin = "x", reload = "HUP" }',
  'run = { shell = "x", env_file = "a", reload = ["r"] }',
  'start-on = ["a", "g@a", { state = "a", target = "x" }, { signal = "x", branch = { contains = "y", as = { q = [1] } } }]',
  'start_on = [{ any = ["a", { all = ["a", "b"] }] }, { not = "b" }, { service = "db", is = "succeeded" }, { service = "db/KEY" }]',
  "start-on = []\nstop-on = []\nafter = []\nlisten = []",
  'stop-on = ["a"]\nbound = true\nrestart-on = ["a"]\nstatus = "ignore"\nclass = "system"',
  'after = ["db", { service = "db", is = "completed" }]',
  "restart = true",
  'restart = "on_failure"',
  'restart = { on = "on-failure", max_retries = "unlimited", delay-ms = 5, backoff = 1.5, max-delay = "1h30m", stable_after = 3 }',
  'type = "oneshot"\nstart-timeout = "5s"',
  'type = "oneshot"\nstart_timeout_ms = 5',
  'type = "notify"\nstart-timeout = "5s"',
  'before = ["db"]\nwants = ["nowhere"]\nconflicts = []',
  'requires = ["db@started", { service = "db", on_loss = "restart" }]\ncritical = true',
  'ready.exec = "true"',
  "ready = { http.get = { port = 80, path = '/x', scheme = 'https', headers = { a_b = 'c' }, status = 204 }, period = 2, timeout = '1s' }",
  "ready = { tcp = '[::1]:80', probe_timeout = '1s', success-threshold = 2 }",
  "ready = { exec = ['x', 'y'], initial-delay-ms = 0 }",
  "health = { unix = 'x.sock', on_unhealthy = 'restart' }",
  "health.log = '^up'",
  "watchdog = { usec = 30000000, require_ready = false, action = 'abort' }\nready.notify = true",
  "stop-command = { exec = 'x', args = ['y'] }",
  "stop_command = 'x y'",
  'restart = { jitter = 0.5, window = "10s" }',
  'log = { file = "x", max-size = "16MiB", keep = 0 }',
  'stop-signal = "TERM"\nstop-timeout = "12"\nsuccess-exit-codes = [0, 255]',
  "stop-signal = 15\nstop-timeout-ms = 0",
  'branching = { source-state = "a", key = "k", max-instances = 1, only = ["x"], except = ["state:b"] }',
  'branching = { enabled = false, source_state = "a" }',
  'transport = { id = "env", options = ["A=state:a/x"], required = true }',
  'transport = [{ id = "args" }, { id = "env", options = [] }]',
  'on-start = [{ signal = "x", payload = { q = 1 } }, { state = "a" }, { state = "a", unset = true, filter = { id = 1 } }]',
  'on_stop = [{ service = "db", stop = true, when = "failure" }, { service = "db", action = "reload" }, { script = "x" }, { exec = "x", args = ["y"] }]',
  "log.lines = 1",
  "enabled = false",
];

const SERVICE_BAD = [
  "strat-on = []",
  "run = 5",
  "run = ''",
  "run = []",
  "run = ['x', 5]",
  "run = { exec = 'x', shell = 'y' }",
  "run = { exec = 'x', user = 'a b' }",
  "run = { exec = 'x', umask = '8' }",
  "run = { exec = 'x', umask = 512 }",
  "run = { exec = 'x', nice = 20 }",
  "run = { exec = 'x', oom-score-adj = 1001 }",
  "run = { exec = 'x', rlimits = { nofiles = 1 } }",
  "run = { exec = 'x', rlimits = { nofile = [1] } }",
  "run = { exec = 'x', rlimits = { nofile = 'no' } }",
  "space = 'alice'",
  "space = {}",
  "user-source = {}",
  "user-source = { state = 'a', branch = true }",
  "user-source = { branch = false }",
  "managed-by = [-1]",
  "managed-by = 'p'",
  "run = { exec = 'x', env = { A = [] } }",
  "run = { exec = 'x', env = { 'A=B' = 'x' } }",
  "run = { exec = 'x', reload = 99 }",
  "start-on = 'a'",
  "start-on = [5]",
  "start-on = [{}]",
  "start-on = [{ target = 'x' }]",
  "start-on = [{ state = 'a', signal = 'x' }]",
  "start-on = [{ state = 'a', target = {} }]",
  "start-on = [{ state = 'a', target = { binary = false } }]",
  "start-on = [{ any = [] }]",
  "start-on = [{ service = 'db', is = 'rady' }]",
  "start-on = ['a b']",
  "start-on = ['a@b@c']",
  "start-on = []\nstart_on = []",
  "after = [{ is = 'ready' }]",
  "restart = 'sometimes'",
  "restart = 5",
  "restart = { max-retries = -1 }",
  "restart = { max-retries = 1.5 }",
  "restart = { backoff = 0 }",
  "restart = { delay = '1s', delay-ms = 5 }",
  "restart = { max_delay = '1s', max-delay-ms = 5 }",
  "type = 'x'",
  "stop-timeout = '5x'",
  "stop-timeout = -1",
  "stop-timeout = '1s'\nstop-timeout-ms = 5",
  "stop_timeout = '1s'\nstop_timeout_ms = 5",
  "stop-signal = 'SIGNAL'",
  "success-exit-codes = [256]",
  "branching = {}",
  "branching = { source-state = 'a', key = '' }",
  "branching = { source-state = 'a', source_state = 'a' }",
  "branching = { source-state = 'a', max-instances = 0 }",
  "transport = { id = 'stdio' }",
  "transport = { options = ['x'] }",
  "transport = [{ id = 'env' }, 5]",
  "on-start = [{}]",
  "on-start = [{ signal = 'x', state = 'a' }]",
  "on-start = [{ service = 'db' }]",
  "on-start = [{ service = 'db', stop = true, action = 'stop' }]",
  "on-start = [{ service = 'db', stop = false }]",
  "on-start = [{ state = 'a', filter = 'x' }]",
  "on-start = [{ script = 'x', when = 'success' }]",
  "on-start = [{ timer = 't' }]",
  "log.lines = 0",
  "enabled = 'no'",
  "requires = 'db'",
  "requires = [{ service = 'db', on-loss = 'x' }]",
  "after = ['g@db@ready@ready']",
  "after = ['x y']",
  "type = 'forking'",
  "ready = {}",
  "ready = { exec = 'x', tcp = 'x:1' }",
  "ready = { exec = [] }",
  "ready.http = {}",
  "ready.http.get = {}",
  "ready.http.get.port = 0",
  "ready.http.get = { port = 65536 }",
  "ready.http.get = { port = 80, path = 'x' }",
  "ready.http.get = { port = 80, status = 99 }",
  "ready.tcp = 'x'",
  "ready.tcp = 80",
  "ready.notify = false",
  "ready = { exec = 'x', timeout = 1, probe-timeout = 1 }",
  "ready = { exec = 'x', timeout = 1, timeout-ms = 1 }",
  "ready = { exec = 'x', success-threshold = 0 }",
  "ready = { exec = 'x', on-unhealthy = 'stop' }",
  "health = { exec = 'x', on-unhealthy = 'x' }",
  "watchdog = {}",
  "watchdog = { interval = 1, usec = 1000 }",
  "watchdog = { usec = 999 }",
  "watchdog = { interval = 1, action = 'x' }",
  "stop-command = {}",
  "stop-command = { exec = 'x', shell = 'y' }",
  "restart = { jitter = 2 }",
  "log.max-size = 'big'",
  "log.keep = -1",
  "listen = [{}]",
];

const OTHER_GOOD = [
  '[[state]]\nname = "q"\npayload = "none"\nafter = ["a"]\nstop-on = ["b"]\npersist = "boot"\nsubscribers = [{ id = "uds", options = ["/x"] }]\n',
  '[[state]]\nname = "q"\nbranch = ["tty:seat", "uid"]\nactivate_on_none = ["a", { state = "b" }]\nauto-payload = { eval = "x", insert = ["k"] }\n',
  '[[state]]\nname = "q"\npermissions = []\npersist = false\n',
  '[[signal]]\nname = "q"\nafter = [{ signal = "x" }]\nbranch = ["id"]\n',
  '[[variable]]\nname = "q"\ndefault = { a = [1, "x", true] }\nenv = "Q"\n',
  "[settings]\nrestart = { max-retries = 1 }\nenv = { A = 1 }\nshutdown-timeout = 5\n",
  "[settings]\nstartup = { exec = 'x', args = ['y'] }\nlogging = { enable = true, dir = 'x' }\non-empty = 'exit'\npath = '/bin'\n",
  "timer = []\n",
];

const OTHER_BAD = [
  "[[state]]\n",
  '[[state]]\nname = "q q"\n',
  '[[state]]\nname = "q"\npayload = "jsn"\n',
  '[[state]]\nname = "q"\nbranch = ["a:b:c"]\n',
  '[[state]]\nname = "q"\nbranch = "id"\n',
  '[[state]]\nname = "q"\npersist = "disk"\n',
  '[[state]]\nname = "q"\npermissions = [1.5]\n',
  '[[permission]]\ngroup = "x"\n',
  '[[permission]]\nname = "p"\nusers = "x"\n',
  '[[mount]]\nfstype = "tmpfs"\n',
  '[[mount]]\ntarget = "/t"\nfstype = "tmpfs"\ncreate = 1\n',
  '[[network]]\nname = "q"\nmethod = "auto"\n',
  '[[network]]\nname = "q"\nmethod = "static"\naddress = "10.0.0.1/8"\nroute = [{ via = "10.0.0.2" }]\n',
  '[[state]]\nname = "q"\nauto-payload = { args = [] }\n',
  '[[state]]\nname = "q"\nauto-payload = { eval = "x", insert = [] }\n',
  '[[state]]\nname = "q"\nactivate-on-none = [{ branch = "x" }]\n',
  '[[state]]\nname = "q"\nsubscribers = [{ id = "tcp", options = [] }]\n',
  '[[signal]]\nname = "q"\npersist = true\n',
  '[[variable]]\nname = "q"\nenv = ""\n',
  "[settings]\non-empty = 'x'\n",
  "[settings]\nstartup = {}\n",
  "[settings]\nlogging = true\n",
  "[settings]\nshutdown-timeout = 'x'\n",
  "[[settings]]\n",
  '[service]\nname = "q"\n',
  "[[timer]]\n",
  "[[sevice]]\n",
  "service = [5]\n",
];

const GOOD = [...SERVICE_GOOD.map(service), ...OTHER_GOOD];
const BAD = [...SERVICE_BAD.map(service), ...OTHER_BAD];

/** Sections that are written in another way than here stand alone: TOML itself takes no second kind of the same table. */
const whole = (text: string) =>
  /^\[+(service|settings|timer|sevice)|^(service|timer) =/.test(text) && !text.startsWith("[[service") ? text : OTHERS + text;
const accepts = (text: string) => validate(JSON.parse(JSON.stringify(parseToml(whole(text)))));

test.each(GOOD)("the JSON Schema and the parser accept %j", async (text) => {
  expect((await parse(whole(text))).diagnostics).toEqual([]);
  accepts(text);
  expect(validate.errors).toBeNull();
});

test.each(BAD)("the JSON Schema and the parser reject %j", async (text) => {
  expect((await parse(whole(text))).units).toBeUndefined();
  expect(accepts(text)).toBe(false);
});

test("the JSON Schema that is kept is the one that the code makes", () => {
  expect(readFileSync(new URL("../../../schemas/rind.schema.json", import.meta.url), "utf8")).toBe(unitFileJsonSchemaText());
});

test("every key is described", () => {
  const bare: string[] = [];
  visit(unitFileJsonSchema(), "");
  expect(bare).toEqual([]);

  function visit(schema: unknown, path: string): void {
    if (typeof schema !== "object" || schema === null) return;
    for (const [key, value] of Object.entries(schema)) {
      if (key === "properties" && "additionalProperties" in schema)
        for (const [name, property] of Object.entries(value)) if (!("description" in Object(property))) bare.push(`${path}.${name}`);
      visit(value, key === "properties" ? path : `${path}.${key}`);
    }
  }
});
