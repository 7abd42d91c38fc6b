import { expect, test } from "vitest";
import { told, unitsOf } from "../../support/units/load.ts";

/* The worked examples of zinit's own document, as they stand there. Programs that this machine lacks are a warning each. */

const FULL = `
[service]
name = "web-server"
exec = "/usr/bin/nginx -g 'daemon off;'"
dir = "/var/www"
oneshot = false
status = "start"
class = "user"
critical = false

[service.env]
PORT = "8080"
DEBUG = "false"
LOG_LEVEL = "info"

[dependencies]
after = ["network-ready", "filesystem"]
requires = ["kernel"]
wants = ["metrics", "syslog"]
conflicts = ["old-nginx", "apache"]

[lifecycle]
restart = "on_failure"
restart_delay_ms = 2000
restart_delay_max_ms = 300000
max_restarts = 10
stability_period_ms = 30000
start_timeout_ms = 60000
stop_timeout_ms = 30000
stop_signal = "SIGQUIT"

[health]
type = "http"
target = "http://localhost:8080/health"
expect_status = 200
interval_ms = 5000
timeout_ms = 2000
retries = 3
start_period_ms = 10000

[logging]
buffer_lines = 500
file = "/var/log/nginx.log"
`;

async function serviceOf(text: string, others: readonly string[] = []) {
  const files = others.map((name) => [`${name}.toml`, `[service]\nname = "${name}"\nexec = "/bin/true"\n`]);
  const texts = { "x.toml": text, ...Object.fromEntries(files) };
  expect((await told(texts)).filter((line) => !line.includes("there is no program"))).toEqual([]);
  return (await unitsOf(texts)).services.find(({ name }) => name.startsWith("x@"));
}

test("004-X2: every field of the full example", async () => {
  expect(await serviceOf(FULL, ["network-ready", "filesystem", "kernel", "syslog"])).toMatchObject({
    name: "x@web-server",
    run: {
      program: "/usr/bin/nginx",
      args: ["-g", "daemon off;"],
      cwd: "/var/www",
      env: { PORT: "8080", DEBUG: "false", LOG_LEVEL: "info" },
    },
    type: "simple",
    status: "start",
    class: "user",
    critical: false,
    after: [{ service: "network-ready@network-ready" }, { service: "filesystem@filesystem" }],
    requires: [{ service: "kernel@kernel" }],
    wants: [{ service: "syslog@syslog" }],
    conflicts: [],
    restart: { on: "on-failure", delayMs: 2_000, maxDelayMs: 300_000, maxRetries: 10, stableAfterMs: 30_000 },
    startTimeoutMs: 60_000,
    stopTimeoutMs: 30_000,
    stopSignal: "SIGQUIT",
    health: {
      probe: { kind: "http", host: "localhost", port: 8_080, path: "/health", status: 200 },
      periodMs: 5_000,
      timeoutMs: 2_000,
      failureThreshold: 3,
      initialDelayMs: 10_000,
    },
    log: { lines: 500, file: "/var/log/nginx.log" },
  });
});

test("004-X3: a web server with an http check and all other defaults", async () => {
  const text =
    '[service]\nname = "web"\nexec = "/usr/bin/python3 -m http.server 8000"\nstatus = "start"\n[health]\ntype = "http"\ntarget = "http://localhost:8000/"\n';
  expect(await serviceOf(text)).toMatchObject({
    run: { program: "/usr/bin/python3", args: ["-m", "http.server", "8000"] },
    health: { probe: { kind: "http", port: 8_000, path: "/" } },
    restart: { on: "on-failure", delayMs: 1_000, backoff: 2, maxDelayMs: 300_000 },
  });
});

test("004-X4: a database with a longer start and a tcp check after five seconds", async () => {
  const text =
    '[service]\nname = "postgres"\nexec = "/usr/lib/postgresql/bin/postgres -D /var/lib/postgresql/data"\nstatus = "start"\n[lifecycle]\nstart_timeout_ms = 60000\nstop_timeout_ms = 30000\n[health]\ntype = "tcp"\ntarget = "localhost:5432"\nstart_period_ms = 5000\n';
  expect(await serviceOf(text)).toMatchObject({
    startTimeoutMs: 60_000,
    stopTimeoutMs: 30_000,
    health: { probe: { kind: "tcp", host: "localhost", port: 5432 }, initialDelayMs: 5_000 },
  });
});

test("004-X5: a migration runs once, for five minutes at most", async () => {
  const text =
    '[service]\nname = "setup-db"\nexec = "/usr/bin/db-migrate.sh"\noneshot = true\nstatus = "start"\n[lifecycle]\nrestart = "never"\nstart_timeout_ms = 300000\n';
  expect(await serviceOf(text)).toMatchObject({ type: "oneshot", restart: { on: "never" }, startTimeoutMs: 300_000 });
});

test("004-X6: a protected service that is always brought back", async () => {
  const text =
    '[service]\nname = "sshd"\nexec = "/usr/sbin/sshd -D"\nclass = "system"\nstatus = "start"\n[lifecycle]\nmax_restarts = 0\nrestart = "always"\n';
  expect(await serviceOf(text)).toMatchObject({ class: "system", restart: { on: "always", maxRetries: Number.POSITIVE_INFINITY } });
});
