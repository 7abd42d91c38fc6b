import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { phaseOf } from "./await-phase.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { type Project, printed, project } from "./daemon-rig.ts";

/*
 * Each example of the language's own introduction as it stands there, on real processes: only `/usr/bin/` becomes a folder
 * of the test's, with programs that show what arrived.
 */

interface Host {
  /** Unit files by group. */
  readonly units: Readonly<Record<string, string>>;
  /** Code for sh, by the name of the program. */
  readonly programs: Readonly<Record<string, string>>;
}

function host({ units, programs }: Host): Project {
  const p = project({});
  for (const [group, text] of Object.entries(units)) p.write(`flows/${group}.toml`, text.replaceAll("/usr/bin/", `${p.folder}/bin/`));
  for (const [name, code] of Object.entries(programs)) p.write(`bin/${name}`, `#!/bin/sh\n${code}\n`, 0o755);
  return p;
}

const STAYS = 'echo "up as $$"; exec sleep 600';
/** Numbers its runs by the lines of a file. */
const RUN = "echo run >> runs; run=$(wc -l < runs); echo run $run";
const QUICK = '[settings]\nrestart = { delay = "10ms", backoff = 1 }\n';
/** So that the run goes on when the rest has ended. */
const OTHER = '[[service]]\nname = "other"\nrun = "sleep 600"\n';

const status = async (p: Project, name: string): Promise<ServiceRow> => (await p.json("status", name)) as ServiceRow;

test("24: core execution: the program runs with exactly its arguments and its environment", async () => {
  const p = host({
    units: {
      web: `[[service]]
name = "web-server"
run.exec = "/usr/bin/nginx"
run.args = ["-g", "daemon off;"]
run.env = { "CONF_PATH" = "/etc/nginx/nginx.conf" }
`,
    },
    programs: { nginx: 'echo "$# arguments, $1, $2, with $CONF_PATH"; exec sleep 600' },
  });
  const daemon = await p.up();
  await printed(daemon, "out", /^web@web-server \| 2 arguments, -g, daemon off;, with \/etc\/nginx\/nginx\.conf$/m);
  expect(await status(p, "web@web-server")).toMatchObject({ name: "web@web-server", phase: "running" });
});

const APP_WORKER = `[[service]]
name = "app-worker"
run.exec = "/usr/bin/worker"
# Starts when 'network-up' state is active
start-on = ["net@configured"]
# Stops if 'maintenance-mode' state is activated
stop-on = ["net@maintenance-mode"]
`;

test("1, 4: lifecycle triggers: it starts when the network is configured, and stops when maintenance mode is activated", async () => {
  const p = host({ units: { app: APP_WORKER }, programs: { worker: STAYS } });
  await p.up();
  expect(await status(p, "app@app-worker")).toMatchObject({ phase: "inactive", pid: null });
  await p.json("set", "net@configured");
  await phaseOf(p, "app@app-worker", "running");
  await p.json("unset", "net@configured");
  expect(await status(p, "app@app-worker")).toMatchObject({ phase: "running", restarts: 0 });
  await p.json("set", "net@maintenance-mode");
  await phaseOf(p, "app@app-worker", "exited");
  expect(await status(p, "app@app-worker")).toMatchObject({ pid: null, reason: expect.stringContaining("net@maintenance-mode") as string });
});

test("2: lifecycle triggers: all conditions of start-on must be met, any single one of stop-on stops", async () => {
  const p = host({
    units: {
      app: APP_WORKER.replace('["net@configured"]', '["net@configured", "disk@mounted"]').replace(
        '["net@maintenance-mode"]',
        '["net@maintenance-mode", "disk@full"]',
      ),
    },
    programs: { worker: STAYS },
  });
  await p.up();
  await p.json("set", "net@configured");
  expect(await status(p, "app@app-worker")).toMatchObject({ phase: "inactive" });
  await p.json("set", "disk@mounted");
  await phaseOf(p, "app@app-worker", "running");
  for (const blocker of ["net@maintenance-mode", "disk@full"]) {
    await p.json("set", blocker);
    await phaseOf(p, "app@app-worker", "exited");
    await p.json("unset", blocker);
    await phaseOf(p, "app@app-worker", "running");
  }
});

test("26: dependency ordering: it starts only after both of the services have entered an active state", async () => {
  const other = (name: string): string =>
    `[[service]]\nname = "${name}"\nrun.exec = "/usr/bin/other"\nstart-on = ["net@configured-${name}"]\n`;
  const p = host({
    units: {
      api: `[[service]]
name = "api-gateway"
run.exec = "/usr/bin/gateway"
after = ["servers@web-server", "databases@database"]
`,
      servers: other("web-server"),
      databases: other("database"),
    },
    programs: { gateway: STAYS, other: STAYS },
  });
  const daemon = await p.up();
  const waiting = async (): Promise<string> => {
    const { phase, pid, waiting: items } = await status(p, "api@api-gateway");
    expect([phase, pid]).toEqual(["blocked", null]);
    return items.join();
  };
  expect(await waiting()).toMatch(/servers@web-server.*databases@database/);
  await p.json("set", "net@configured-database");
  await phaseOf(p, "databases@database", "running");
  expect(await waiting()).toMatch(/^(?!.*databases@database).*servers@web-server/);
  await p.json("set", "net@configured-web-server");
  await phaseOf(p, "api@api-gateway", "running");
  await printed(daemon, "out", /^api@api-gateway \| up as/m);
  expect(await status(p, "api@api-gateway")).toMatchObject({ phase: "running", restarts: 0 });
});

test("31: restart policy: true restarts it always, after success and after failure, without limit", async () => {
  const p = host({
    units: {
      a: `[[service]]
name = "persistent-daemon"
run.exec = "/usr/bin/daemon"
restart = true
 
`,
      settings: QUICK,
    },
    programs: { daemon: `${RUN}; [ $run -lt 14 ] && exit $((run % 2)); echo stays; exec sleep 600` },
  });
  const daemon = await p.up();
  await printed(daemon, "out", /^a@persistent-daemon \| stays$/m);
  expect(daemon.out().match(/\| run \d+$/gm)).toEqual(Array.from({ length: 14 }, (_, i) => `| run ${i + 1}`));
  expect(await status(p, "a@persistent-daemon")).toMatchObject({ phase: "running", restarts: 13 });
});

test("32: restart policy: false restarts it never", async () => {
  const p = host({
    units: { a: '[[service]]\nname = "persistent-daemon"\nrun.exec = "/usr/bin/daemon"\nrestart = false\n', settings: QUICK, o: OTHER },
    programs: { daemon: `${RUN}; exit $((run % 2))` },
  });
  const daemon = await p.up();
  await phaseOf(p, "a@persistent-daemon", "failed");
  await p.json("start", "a@persistent-daemon");
  await phaseOf(p, "a@persistent-daemon", "exited");
  await printed(daemon, "out", /run 2/);
  expect(await status(p, "a@persistent-daemon")).toMatchObject({ phase: "exited", restarts: 0 });
});

test("33, 34: restart policy: max_retries = 5 restarts it only on failure, up to 5 times", async () => {
  const p = host({
    units: {
      a: `[[service]]
name = "fragile-task"
run.exec = "/usr/bin/task"
# Only restart on failure (non-zero exit) up to 5 times
restart = { max_retries = 5 }
`,
      settings: QUICK,
      o: OTHER,
    },
    programs: { task: `${RUN}; [ $run = 1 ]` },
  });
  const daemon = await p.up();
  await phaseOf(p, "a@fragile-task", "exited");
  expect(await status(p, "a@fragile-task")).toMatchObject({ exit: { code: 0 }, restarts: 0 });
  await p.json("start", "a@fragile-task");
  await phaseOf(p, "a@fragile-task", "failed");
  await printed(daemon, "out", /run 7$/m);
  expect(daemon.out().match(/\| run \d+$/gm)).toHaveLength(1 + 1 + 5);
  expect(await status(p, "a@fragile-task")).toMatchObject({ exit: { code: 1 }, restarts: 5 });
});

test("68: branching: every unique username has an instance of its own", async () => {
  const p = host({
    units: {
      a: `[[service]]
name = "user-session"
run.exec = "/usr/bin/session-manager"
start-on = ["user-login"]
# Spawns a new instance for every unique 'username' in the 'user-login' state
branching = { enabled = true, source-state = "rind@user-login", key = "username" }
`,
    },
    programs: { "session-manager": 'echo "for $RIND_BRANCH_KEY"; exec sleep 600' },
  });
  const daemon = await p.up();
  const instances = async (): Promise<[string, string, number | null][]> =>
    ((await p.json("status", "a@user-session")) as ServiceRow[]).map(({ name, phase, pid }) => [name, phase, pid]);
  expect(await instances()).toEqual([]);
  for (const username of ["alice", "bob"]) {
    await p.json("set", "rind@user-login", `username=${username}`, "tty=1");
    await phaseOf(p, `a@user-session/${username}`, "running");
    await printed(daemon, "out", new RegExp(`^a@user-session/${username} \\| for ${username}$`, "m"));
  }
  const before = await instances();
  expect(before.map(([name]) => name)).toEqual(["a@user-session/alice", "a@user-session/bob"]);
  expect(new Set(before.map(([, , pid]) => pid)).size).toBe(2);
  await p.json("set", "rind@user-login", "username=alice", "tty=2");
  expect(await instances()).toEqual(before);
  await p.json("unset", "rind@user-login", "username=alice");
  await phaseOf(p, "a@user-session/alice", "gone");
  expect(await instances()).toEqual(before.slice(1));
});

test("84: transport: DB_URL is the connection string of db-config at launch", async () => {
  const p = host({
    units: {
      a: `[[service]]
name = "db-client"
run.exec = "/usr/bin/client"
# Injects the value of 'db-config' payload into the DB_URL env var
transport = { id = "env", options = ["DB_URL=state:db-config@connection-string"] }
`,
    },
    programs: { client: 'echo "DB_URL is ${DB_URL-not set}"; exec sleep 600' },
  });
  const daemon = await p.up();
  await printed(daemon, "out", /^a@db-client \| DB_URL is not set$/m);
  await p.json("set", "a@db-config", '{"connection-string": "postgres://u:p@db:5432/app?x=1&y=2", "other": 1}');
  await p.json("restart", "a@db-client");
  await printed(daemon, "out", /^a@db-client \| DB_URL is postgres:\/\/u:p@db:5432\/app\?x=1&y=2$/m);
});

test.skipIf(!IS_ROOT)("89: user space: the user is the one whom the active session names, and nobody before there is one", async () => {
  const p = host({
    units: {
      a: `[[service]]
name = "user-file-sync"
run.exec = "/usr/bin/sync"
space = "user"
# Resolves the system user from the 'username' field of the 'active-session' state
user-source = { state = "rind@active-session", username-field = "username" }
`,
    },
    programs: { sync: 'echo "as $USER, $(id -u)"; exec sleep 600' },
  });
  for (const folder of [p.folder, `${p.folder}/bin`]) chmodSync(folder, 0o755);
  const daemon = await p.up();
  expect(await status(p, "a@user-file-sync")).toMatchObject({ phase: "blocked" });
  await p.json("set", "rind@active-session", "username=nobody");
  await printed(daemon, "out", /^a@user-file-sync \| as nobody, 65534$/m);
});

test("92: lifecycle hooks: each end of the backup emits backup@complete with the payload success to who listens", async () => {
  const p = host({
    units: {
      a: `[[service]]
name = "backup-job"
run.exec = "/usr/bin/backup"
# Emit a signal when the backup process finishes
on-stop = [{ signal = "backup@complete", payload = "success" }]`,
      mail: `[[service]]
name = "report"
run.exec = "/usr/bin/mail"
start-on = [{ signal = "backup@complete" }]
transport = { id = "args", options = ["signal:$"] }
`,
    },
    programs: { backup: 'echo "copied"', mail: `${RUN}; echo "mail $run: $# argument, $1"` },
  });
  const daemon = await p.up();
  await printed(daemon, "out", /^mail@report \| mail 1: 1 argument, success$/m);
  await p.json("start", "a@backup-job");
  await printed(daemon, "out", /^mail@report \| mail 2: 1 argument, success$/m);
  expect(daemon.out().match(/\| copied$/gm)).toHaveLength(2);
});
