import { AS_THE_DAEMON } from "../../../src/model/as-the-daemon.ts";
import { expect, test } from "vitest";
import type { ServiceDecl } from "../../../src/model/unit-set.ts";
import { LOG, service } from "../../support/decls.ts";
import { service as nativeService, told, unitsOf } from "../../support/units/load.ts";

/** A file of zinit's; `more` follows the two required fields. */
const zinit = (name: string, more = "") => `[service]\nname = "${name}"\nexec = "/bin/true"\n${more}`;

async function serviceOf(text: string, options = {}): Promise<ServiceDecl> {
  const [decl] = (await unitsOf({ "g.toml": text }, options)).services;
  if (decl === undefined) throw new Error("no service");
  return decl;
}

test("004-X1: name and exec alone make a service with zinit's defaults", async () => {
  expect(await serviceOf('# of zinit\n[service]\nname = "my-app"\nexec = "/bin/true"\n', { cwd: "/p" })).toEqual(
    service("g@my-app", {
      run: { program: "/bin/true", args: [], env: {}, envFiles: [], cwd: "/p", stdin: undefined, reload: undefined, ...AS_THE_DAEMON },
      startTimeoutMs: 30_000,
      log: { ...LOG, maxSize: Number.POSITIVE_INFINITY },
      origin: { file: "g.toml", line: 2 },
    }),
  );
});

test("004-D1, 004-D2, 004-V2: name and exec are required", async () => {
  expect(await told('[service]\nexec = "/bin/true"\n')).toEqual(['g.toml:1:2: "name" is missing (it must be text)']);
  expect(await told('[service]\nname = "x"\n')).toEqual([
    `g.toml:1:2: "exec" is missing (write exec = "/usr/bin/program"; a unit of Rind's own has [[service]])`,
  ]);
});

test("004-D2: exec is split as a shell does, without a shell, and found in PATH", async () => {
  expect((await serviceOf('[service]\nname = "x"\nexec = "sh -c \'echo \\"a  b\\"; $X\' ${env:Y}"\n')).run).toMatchObject({
    program: "sh",
    args: ["-c", 'echo "a  b"; $X', "${env:Y}"],
  });
});

test("004-D3: dir is the folder of the process, and of a program that is a relative path", async () => {
  expect((await serviceOf('[service]\nname = "x"\nexec = "true"\ndir = "/var/www"\n')).run).toMatchObject({
    program: "true",
    cwd: "/var/www",
  });
  expect((await serviceOf('[service]\nname = "x"\nexec = "./true"\ndir = "bin"\n', { cwd: "/" })).run).toMatchObject({
    program: "/bin/true",
    cwd: "/bin",
  });
});

test("004-D4, 004-D5, 004-D6, 004-D7, 004-D8: the fields of the section service", async () => {
  const text = zinit("x", 'oneshot = true\nstatus = "ignore"\nclass = "system"\ncritical = true\n[service.env]\nPORT = 8080\na_b = "c"\n');
  expect(await serviceOf(text)).toMatchObject({
    type: "oneshot",
    status: "ignore",
    class: "system",
    critical: true,
    run: { env: { PORT: "8080", a_b: "c" } },
  });
});

test("004-D9: dependencies name other services of zinit's by their own name, whatever their file is called", async () => {
  const { services } = await unitsOf({
    "a.toml": zinit(
      "web",
      '[dependencies]\nafter = ["db"]\nrequires = ["kernel"]\nwants = ["db", "nowhere"]\nconflicts = ["apache", "nowhere"]\n',
    ),
    "files.toml": zinit("db"),
    "native.toml": '[[service]]\nname = "kernel"\nrun = "x"\n[[service]]\nname = "apache"\nrun = "x"\n',
    "other.toml": '[[service]]\nname = "db"\nrun = "x"\n',
  });
  expect(services[0]).toMatchObject({
    name: "a@web",
    after: [{ service: "files@db", is: "ready" }],
    requires: [{ service: "native@kernel", is: "ready", onLoss: "stop" }],
    wants: [{ service: "files@db" }],
    conflicts: ["native@apache"],
  });
});

test("units of Rind's own refer to those of zinit's as to any other", async () => {
  const { services } = await unitsOf({ "g.toml": nativeService("after = ['db', 'z@db']"), "z.toml": zinit("db") });
  expect(services[0]?.after).toEqual([
    { service: "z@db", is: "ready" },
    { service: "z@db", is: "ready" },
  ]);
});

test.each([
  ["004-D10: restart", 'restart = "always"', { restart: { on: "always" } }],
  ["004-D10: restart, as other pages of zinit's write it", 'restart = "on-failure"', { restart: { on: "on-failure" } }],
  ["004-D11: restart_delay_ms", "restart_delay_ms = 2000", { restart: { delayMs: 2_000 } }],
  ["004-D12: restart_delay_max_ms", "restart_delay_max_ms = 400", { restart: { maxDelayMs: 400 } }],
  ["004-D13: max_restarts", "max_restarts = 3", { restart: { maxRetries: 3 } }],
  ["004-D13: max_restarts 0, without limit", "max_restarts = 0", { restart: { maxRetries: Number.POSITIVE_INFINITY } }],
  ["004-D14: stability_period_ms", "stability_period_ms = 5", { restart: { stableAfterMs: 5 } }],
  ["004-D15: start_timeout_ms", "start_timeout_ms = 60000", { startTimeoutMs: 60_000 }],
  ["004-D16: stop_timeout_ms", "stop_timeout_ms = 5", { stopTimeoutMs: 5 }],
  ["004-D17: stop_signal", 'stop_signal = "SIGQUIT"', { stopSignal: "SIGQUIT" }],
])("%s", async (_, line, expected) => {
  expect(await serviceOf(zinit("x", `[lifecycle]\n${line}\n`))).toMatchObject(expected);
});

test("the restart policy of zinit's is whole: [settings] adds nothing to it", async () => {
  const { services } = await unitsOf({
    "a.toml": "[settings]\nrestart = { max-retries = 1, jitter = 1, window = 5, backoff = 3 }\n",
    "b.toml": zinit("x"),
  });
  expect(services[0]?.restart).toMatchObject({ maxRetries: 10, jitter: 0, windowMs: undefined, backoff: 2 });
});

test("004-D18, 004-D19, 004-D20, 004-D21, 004-D22, 004-D23: a health check has zinit's defaults, and is for information", async () => {
  expect((await serviceOf(zinit("x", '[health]\ntype = "http"\ntarget = "http://localhost:8080/health?q=1"\n'))).health).toEqual({
    probe: { kind: "http", scheme: "http", host: "localhost", port: 8_080, path: "/health?q=1", headers: {}, status: 200 },
    initialDelayMs: 0,
    periodMs: 10_000,
    timeoutMs: 5_000,
    successThreshold: 1,
    failureThreshold: 3,
    onUnhealthy: "ignore",
  });
});

test.each([
  [
    "004-H1: http",
    'type = "http"\ntarget = "https://h/x"\nexpect_status = 204',
    { kind: "http", scheme: "https", host: "h", port: 443, path: "/x", status: 204 },
  ],
  ["004-H2: tcp", 'type = "tcp"\ntarget = "localhost:5432"', { kind: "tcp", host: "localhost", port: 5432 }],
  ["004-H3: exec", 'type = "exec"\ntarget = "/bin/check -q \'a b\'"', { kind: "exec", program: "/bin/check", args: ["-q", "a b"] }],
  ["004-H4: a url without a type", 'target = "http://[::1]:80/"', { kind: "http", host: "::1", port: 80, path: "/" }],
  ["004-H4: host and port without a type", 'target = "db:5432"', { kind: "tcp", host: "db", port: 5432 }],
  ["004-H4: words without a type", 'target = "/bin/check"', { kind: "exec", program: "/bin/check", args: [] }],
])("%s", async (_, lines, probe) => {
  const text = zinit("x", `[health]\n${lines}\ninterval_ms = 1\ntimeout_ms = 2\nretries = 4\nstart_period_ms = 5\n`);
  expect((await serviceOf(text)).health).toMatchObject({ probe, periodMs: 1, timeoutMs: 2, failureThreshold: 4, initialDelayMs: 5 });
});

test("004-H3: a check that is a relative path lies in the folder of the service", async () => {
  const text = zinit("x", 'dir = "/srv"\n[health]\ntype = "exec"\ntarget = "bin/check -q"\n');
  expect((await serviceOf(text)).health?.probe).toEqual({ kind: "exec", program: "/srv/bin/check", args: ["-q"] });
});

test("004-H10: a health section without a required field is ignored with a warning, and the service is there", async () => {
  const text = zinit("x", '[health]\ntype = "http"\nretries = 5\n');
  expect(await told(text)).toEqual([
    'warning g.toml:4:2: this health check is ignored: "target" is missing (write target = "http://localhost:8080/health")',
  ]);
  expect(await serviceOf(text)).toMatchObject({ name: "g@x", health: undefined });
});

test("004-D24, 004-D25, 004-D26: logging", async () => {
  const text = zinit("x", '[logging]\nbuffer_lines = 500\nfile = "/var/log/x.log"\nforward = "syslog"\n');
  expect((await serviceOf(text)).log).toMatchObject({ lines: 500, file: "/var/log/x.log", maxSize: Number.POSITIVE_INFINITY });
  expect(await told(text)).toEqual(['warning g.toml:7:1: "forward" does nothing yet: logs stay in Rind, and in "file"']);
});

test("004-V1: a name that two files of zinit's give is an error", async () => {
  expect(await told({ "a.toml": zinit("x"), "b.toml": zinit("x") })).toEqual([
    'b.toml:2:8: zinit\'s service "x" is declared twice (first in a.toml)',
  ]);
});

test("004-V3: a program that cannot be run is a warning, so that a boot is not refused for it", async () => {
  expect(await told('[service]\nname = "x"\nexec = "/no/such/program -v"\n')).toEqual([
    'warning g.toml:3:8: there is no program "/no/such/program" that could be run (install it, or write its full path)',
  ]);
  expect(await told('[service]\nname = "x"\nexec = "true"\n', { env: { PATH: "/nowhere" } })).toHaveLength(1);
  expect(await told('[service]\nname = "x"\nexec = "true"\n', { env: { PATH: "/nowhere:/bin" } })).toEqual([]);
  expect(await told('[service]\nname = "x"\nexec = "/etc/passwd"\n')).toHaveLength(1);
});

test("004-V4: a cycle is an error that names it in full, at its place in the file of zinit's", async () => {
  const texts = {
    "a.toml": zinit("a", '[dependencies]\nafter = ["b"]\n'),
    "b.toml": zinit("b", '[dependencies]\nrequires = ["a"]\n'),
  };
  expect(await told(texts)).toEqual(["a.toml:5:10: a cycle through after and requires: a@a -> b@b -> a@a (none of them could ever start)"]);
});

test("004-V5: what after and requires name has to be there, all told in one go", async () => {
  expect(await told(zinit("x", '[dependencies]\nafter = ["a", "b"]\nrequires = ["c"]\nwants = ["d"]\nconflicts = ["e"]\n'))).toEqual([
    'g.toml:5:10: no service "a" is declared',
    'g.toml:5:15: no service "b" is declared',
    'g.toml:6:13: no service "c" is declared',
  ]);
});

test.each(["after", "requires", "wants", "conflicts"])("004-V6: a service that names itself in %s is an error", async (key) => {
  expect(await told(zinit("x", `[dependencies]\n${key} = ["x"]\n`))).toEqual([
    `g.toml:5:${key.length + 5}: g@x names itself (a service cannot depend on itself)`,
  ]);
});

test("004-V7: unknown fields and sections are ignored, and told as warnings", async () => {
  const text = `${zinit("x", "user = 5\n[lifecycle]\nnice = 1\n")}[metrics]\na = 1\n[settings]\n`;
  expect(await told(text)).toEqual([
    'warning g.toml:4:1: the field "user" is ignored: zinit knows none of that name (known here: name, exec, dir, oneshot, env, status, class, critical)',
    'warning g.toml:6:1: the field "nice" is ignored: zinit knows none of that name (known here: restart, restart_delay_ms, restart_delay_max_ms, max_restarts, stability_period_ms, start_timeout_ms, stop_timeout_ms, stop_signal)',
    'warning g.toml:7:2: the section "metrics" is ignored: zinit knows none of that name (known here: service, dependencies, lifecycle, health, logging)',
    'warning g.toml:9:2: the section "settings" is ignored: zinit knows none of that name (known here: service, dependencies, lifecycle, health, logging)',
  ]);
});

test.each([
  ["oneshot = 1", '4:11: "service.oneshot" must be true or false, not 1'],
  ['status = "up"', '4:10: "service.status" must be "start", "stop" or "ignore", not "up"'],
  ['class = "root"', '4:9: "service.class" must be "user" or "system", not "root"'],
  ['env = { "A=B" = "x" }', '4:9: the name of an environment variable is not empty and has no "=" in it'],
  ['[dependencies]\nafter = "x"', '5:9: "dependencies.after" must be a list of names of services, not "x"'],
  ['[lifecycle]\nrestart = "sometimes"', '5:11: "lifecycle.restart" must be "always", "on-failure" or "never", not "sometimes"'],
  ["[lifecycle]\nrestart_delay_ms = -1", '5:20: "lifecycle.restart_delay_ms" must be a whole number of milliseconds, not -1'],
  ["[lifecycle]\nmax_restarts = 1.5", '5:16: "lifecycle.max_restarts" must be a whole number from 0, not 1.5'],
  ['[health]\ntype = "icmp"\ntarget = "x"', '5:8: "health.type" must be "http", "tcp" or "exec", not "icmp"'],
  ['[health]\ntype = "http"\ntarget = "localhost"', '6:10: "localhost" is no address to ask over http (write "http://HOST:PORT/PATH")'],
  [
    '[health]\ntype = "tcp"\ntarget = "localhost"',
    '6:10: "localhost" is no address to connect to (write HOST:PORT, such as "localhost:5432")',
  ],
])("N119: %s is an error", async (line, message) => {
  expect(await told(zinit("x", `${line}\n`))).toEqual([`g.toml:${message}`]);
});

test("a section that is no table is an error", async () => {
  expect(await told(`lifecycle = 5\n${zinit("x")}`)).toEqual(['g.toml:1:13: "lifecycle" must be a table, not 5']);
});

test("N119: an unknown signal, and an exec without a program, are errors with that reason", async () => {
  expect(await told(zinit("x", '[lifecycle]\nstop_signal = "SIGNOPE"\n'))).toEqual([
    'g.toml:5:15: "lifecycle.stop_signal" must be a signal such as "SIGTERM", "TERM" or 15, not "SIGNOPE"',
  ]);
  expect(await told('[service]\nname = "x"\nexec = "  "\n')).toEqual(["g.toml:3:8: the command names no program"]);
  expect(await told('[service]\nname = "x"\nexec = "a \'b"\n')).toEqual(["g.toml:3:8: a quote or a backslash is left open (close it)"]);
});

test("a service of zinit's with mistakes is still there for those who refer to it", async () => {
  expect(await told({ "a.toml": zinit("x", "oneshot = 5\n"), "g.toml": nativeService("after = ['a@x']") })).toHaveLength(1);
});

test("a native drop-in lies over a service of zinit's, a file of zinit's is no drop-in", async () => {
  const dropIn = '[[service]]\nname = "x"\nstop-timeout-ms = 5\n';
  expect((await unitsOf({ "a.toml": zinit("x"), "a.d/1.toml": dropIn })).services[0]).toMatchObject({
    stopTimeoutMs: 5,
    startTimeoutMs: 30_000,
  });
  expect(await told({ "a.toml": nativeService(""), "a.d/1.toml": zinit("s") })).toEqual([
    "a.d/1.toml:1:2: a file in zinit's format is no drop-in (a drop-in has [[service]], with native keys)",
  ]);
});
