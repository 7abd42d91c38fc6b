import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "smol-toml";
import { expect, test } from "vitest";
import { describeService } from "../../../src/unit/describe-service.ts";
import { type ExplainedKey, explainUnits } from "../../../src/unit/explain/explain.ts";
import { loadUnits } from "../../../src/unit/load.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { unitsOf } from "../../support/units/load.ts";
import { ZINIT_DEFAULTS } from "../../support/zinit-defaults.ts";

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = tempFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

async function explained(files: Readonly<Record<string, string>>) {
  const folder = folderOf(files);
  const result = (await explainUnits({ path: ["."], strict: false, env: {}, cwd: folder })).explained;
  if (result === undefined) throw new Error("bad units");
  const lines = (keys: readonly ExplainedKey[]) =>
    keys.map(({ path, value, source }) => {
      const place =
        source.kind === "default" ? "default" : `${source.kind === "settings" ? "[settings] " : ""}${source.file}:${source.line}`;
      return `${path.join(".")} = ${JSON.stringify(value)} # ${place}`;
    });
  return {
    folder,
    of: (name: string) => lines(result.items.find((item) => item.name === name)?.keys ?? []),
    settings: lines(result.settings),
  };
}

test("every key of a service is told with its value and where that comes from", async () => {
  const { of, folder } = await explained({
    "g.toml":
      '[settings]\nrestart.max-retries = 3\n[[service]]\nname = "s"\nrun = "web -p 80"\nstop_timeout = "5s"\n[service.ready]\ntcp = "h:1"\n[[service]]\nname = "t"\nrun = "x"\nbefore = ["s"]\n',
    "g.d/1.toml": '[[service]]\nname = "s"\nrestart.delay = "2s"\nlog = { lines = 5 }\n',
  });
  expect(of("g@s")).toEqual([
    'name = "s" # g.d/1.toml:2',
    'run.exec = "web" # g.toml:5',
    'run.args = ["-p","80"] # g.toml:5',
    "run.env = {} # default",
    "run.env-file = [] # default",
    `run.cwd = "${folder}" # default`,
    'type = "simple" # default',
    "start-on = [] # default",
    "stop-on = [] # default",
    "bound = true # default",
    "restart-on = [] # default",
    "reload-on = [] # default",
    'status = "start" # default',
    'class = "user" # default',
    "critical = false # default",
    'after = [{"service":"g@t","is":"ready"}] # g.toml:12',
    "requires = [] # default",
    "wants = [] # default",
    "conflicts = [] # default",
    'ready.tcp = "h:1" # g.toml:8',
    "ready.initial-delay-ms = 0 # default",
    "ready.timeout-ms = 1000 # default",
    "ready.success-threshold = 1 # default",
    "ready.failure-threshold = 3 # default",
    'restart.on = "on-failure" # default',
    "restart.max-retries = 3 # [settings] g.toml:2",
    "restart.delay-ms = 2000 # g.d/1.toml:3",
    "restart.backoff = 2 # default",
    "restart.max-delay-ms = 300000 # default",
    "restart.stable-after-ms = 30000 # default",
    "restart.jitter = 0 # default",
    "success-exit-codes = [0] # default",
    "start-timeout-ms = 30000 # default",
    'stop-signal = "SIGTERM" # default',
    "stop-timeout-ms = 5000 # g.toml:6",
    "transport = [] # default",
    "on-start = [] # default",
    "on-ready = [] # default",
    "on-stop = [] # default",
    "on-fail = [] # default",
    "log.lines = 5 # g.d/1.toml:4",
    "log.max-size = 16777216 # default",
    "log.keep = 4 # default",
    'space = "system" # default',
    "managed-by = [] # default",
  ]);
});

test("short forms and synonyms are told where they stand", async () => {
  const { of } = await explained({
    "g.toml":
      '[[service]]\nname = "s"\nrun.shell = "a"\nrestart = true\nstop-command = "x"\ntype = "notify"\nwatchdog.usec = 2000\n\n[[service]]\nname = "t"\nrun = { exec = "x" }\nrestart = { delay = 5 }\nready = { exec = "x",\nprobe_timeout = 1 }\n',
  });
  expect(of("g@s").filter((line) => !line.endsWith("default"))).toEqual([
    'name = "s" # g.toml:2',
    'run.exec = "sh" # g.toml:3',
    'run.args = ["-c","a","sh"] # g.toml:3',
    'type = "simple" # g.toml:6',
    "ready.notify = true # g.toml:6",
    "watchdog.interval-ms = 2 # g.toml:7",
    'restart.on = "always" # g.toml:4',
    'restart.max-retries = "unlimited" # g.toml:4',
    'stop-command.exec = "x" # g.toml:5',
    "stop-command.args = [] # g.toml:5",
  ]);
  expect(of("g@t").filter((line) => /^(run.args|restart|ready.timeout)/.test(line) && !line.endsWith("default"))).toEqual(
    ["restart.delay-ms = 5000 # g.toml:12", "ready.timeout-ms = 1000 # g.toml:14"].toSorted((a, b) => (a < b ? -1 : 1)),
  );
});

test("states, signals, variables and settings are told too", async () => {
  const { of, settings } = await explained({
    "g.toml":
      '[settings]\nlogging.enable = true\nshutdown-timeout = 5\n[[state]]\nname = "a"\npersist = false\n[[signal]]\nname = "b"\nafter = ["a"]\n[[variable]]\nname = "v"\ndefault = 5\n',
  });
  expect(of("g@a")).toContain("persist = false # g.toml:6");
  expect(of("g@a")).toContain('payload = "json" # default');
  expect(of("g@b")).toContain('after = ["g@a"] # g.toml:9');
  expect(of("g@v")).toEqual(['name = "v" # g.toml:11', "default = 5 # g.toml:12"]);
  expect(settings).toContain("shutdown-timeout-ms = 5000 # g.toml:3");
  expect(settings).toContain("logging.enable = true # g.toml:2");
});

test("permissions, mounts in their order, and networks with the service of their client are told too", async () => {
  const { of } = await explained({
    "g.toml":
      '[[permission]]\nname = "p"\nusers = [7]\n[[mount]]\ntarget = "/a"\nfstype = "tmpfs"\n[[network]]\nname = "eth0"\nmethod = "dhcp"\n',
  });
  expect(of("g@p")).toEqual(['name = "p" # g.toml:2', 'users = ["7"] # g.toml:3', "includes = [] # default"]);
  expect(of("g@a")).toContain('source = "tmpfs" # default');
  expect(of("g@a")).toContain('target = "/a" # g.toml:5');
  expect(of("g@eth0")).toContain('class = "system" # default');
});

test("what comes out of a file of zinit's is told by its places", async () => {
  const { of } = await explained({
    "z.toml": '[service]\nname = "w"\nexec = "sh -c x"\n[lifecycle]\nstop_signal = "SIGQUIT"\n[health]\ntarget = "h:1"\nretries = 2\n',
  });
  expect(of("z@w").filter((line) => !line.endsWith("default"))).toEqual([
    'name = "w" # z.toml:2',
    'run.exec = "sh" # z.toml:3',
    'run.args = ["-c","x"] # z.toml:3',
    'health.tcp = "h:1" # z.toml:7',
    "health.failure-threshold = 2 # z.toml:8",
    'stop-signal = "SIGQUIT" # z.toml:5',
  ]);
});

test("units with mistakes are not explained", async () => {
  const folder = folderOf({ "g.toml": "x = 1\n" });
  expect(await explainUnits({ path: ["."], strict: false, env: {}, cwd: folder })).toMatchObject({
    explained: undefined,
    units: undefined,
  });
});

async function described(text: string) {
  const folder = folderOf({ "units/g.toml": text });
  const { units, read } = await loadUnits({ path: ["units"], strict: false, env: {}, cwd: folder });
  const decl = units?.services[0];
  if (decl === undefined) throw new Error("no service");
  return describeService(decl, read);
}

test("004-D3 to 004-D26: a service of zinit's with name and exec alone reads back with every default of zinit's", async () => {
  expect(await described('[service]\nname = "x"\nexec = "true -v"\n')).toEqual({
    ...ZINIT_DEFAULTS,
    service: { ...ZINIT_DEFAULTS.service, name: "x", exec: "true -v" },
  });
});

test("004-D19 to 004-D23: a health check of zinit's reads back with its defaults", async () => {
  expect(await described('[service]\nname = "x"\nexec = "true"\n[health]\ntype = "http"\ntarget = "http://h/"\n')).toMatchObject({
    health: {
      type: "http",
      target: "http://h/",
      expect_status: 200,
      interval_ms: 10_000,
      timeout_ms: 5_000,
      retries: 3,
      start_period_ms: 0,
    },
  });
});

test("a service of Rind's own reads back complete, and means the same when it is read again", async () => {
  const text = `
[[state]]
name = "a"
[[signal]]
name = "b"
[[service]]
name = "s"
run = { exec = "web", args = ["-p", "80"], env = { A = "1" }, env-file = "e", cwd = "/srv", stdin = "i", reload = "HUP" }
start-on = ["a", { signal = "b", target = "x", branch = { contains = "y" } }, { any = ["a", { not = { state = "a", target = { as = { q = 1 } } } }] }]
stop-on = [{ service = "t", is = "failed" }]
restart-on = ["a"]
reload-on = ["b"]
after = ["t@started"]
requires = [{ service = "t", on-loss = "ignore" }]
conflicts = ["u"]
ready = { http.get = { port = 80, headers = { A = "b" } }, period = 3 }
health = { exec = "x", on-unhealthy = "stop" }
watchdog.interval = 5
restart = { on = "always", max-retries = "unlimited", window = 3 }
stop-command = { shell = "x" }
branching = { source-state = "a", key = "k", only = ["x", "state:a"], max-instances = 2 }
transport = [{ id = "env", options = ["A=state:a/b|c", "B=state:$/q", "C=lit"] }, { id = "args", options = ["--x=signal:$"] }]
on-start = [{ signal = "b", payload = { from = "exit" } }, { state = "a", payload = { from = "state:a/x" } }]
on-stop = [{ state = "a", unset = true, filter = { id = 1 }, when = "failure" }, { service = "t", stop = true }, { exec = "x" }]
log = { file = "l", max-size = 0 }
managed-by = ["p", 7]
[[service]]
name = "t"
run = { exec = "t", user = "alice", group = 100, umask = 0o27, nice = -5, oom-score-adj = 500, rlimits = { nofile = [1024, "unlimited"], core = 0, as = "1GiB" }, tty = "/dev/tty1" }
ready.exec = ["x", "y"]
[[service]]
name = "u"
run = "u"
type = "oneshot"
space = "user"
user-source = { state = "a", match-branch-key = true, username-field = "name" }
branching = { source-state = "a", key = "k" }
[[service]]
name = "v"
run = "v"
space = "user_selective"
user = "bob"
[[permission]]
name = "p"
group = "wheel"
`;
  const { services } = await unitsOf(text);
  const whole = services.map((decl) => ({ ...describeService(decl, NOTHING), name: decl.name.slice("g@".length) }));
  const again = await unitsOf(
    `[[state]]\nname = "a"\n[[signal]]\nname = "b"\n[[permission]]\nname = "p"\ngroup = "wheel"\n${stringify({ service: whole })}`,
  );
  expect(again.services.map((decl) => ({ ...decl, origin: 0 }))).toEqual(services.map((decl) => ({ ...decl, origin: 0 })));
});

const NOTHING = { files: [], unread: [], mistakes: [], names: [] };
