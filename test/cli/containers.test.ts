import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { inNamespace, type Namespace } from "../support/pid-namespace.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { phaseOf } from "./await-phase.ts";
import { container, server, task } from "./container-rig.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { type Example, example, HAS } from "./example-rig.ts";
import { PROGRAM } from "./machine-rig.ts";
import { RIND, RUNNER, runToEnd } from "./program.ts";

/** What the documents of nix2gpu promise of containers, by their headings: with Nimi, and with process-compose. */

const TIMEOUT_MS = 90_000;
const EXAMPLES = resolve(import.meta.dirname, "../../flows/examples");

/** A folder of flows/examples as the entry point of a container that shares this machine's files. */
function exampleContainer(p: Example, folder: string): Namespace {
  const words = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh", RUNNER, RIND, "up", folder];
  const it = inNamespace(words, { cwd: p.folder, env: p.env });
  // before it is killed: servers leave files
  onTestFinished(async () => void (await p.rind("down")));
  return it;
}

/** What an address answers in there. */
async function get(it: Namespace, url: string, method = "GET"): Promise<{ readonly status: number; readonly text: string }> {
  const ask = `fetch(${JSON.stringify(url)}, { method: "${method}" }).then(async (r) => console.log(JSON.stringify({ status: r.status, text: await r.text() })))`;
  const { out, err } = await runToEnd("nsenter", ["-t", String(await it.first()), "-n", process.execPath, "-e", ask]);
  if (out === "") throw new Error(err);
  return JSON.parse(out) as { status: number; text: string };
}

describe.skipIf(!IS_ROOT)("nimi in containers (these tests need root)", () => {
  test("defining services, a minimal custom service: it says hello, and the container ends with 0", async () => {
    const it = container('[[service]]\nname = "hello"\nrun = ["bash", "-lc", "echo hello from Rind"]\n');
    expect(await it.ended).toBe(0);
    expect(it.out()).toContain("g@hello | hello from Rind\n");
  });

  test("runtime behavior: the startup program runs first, as PID 1's child, then all services", async () => {
    const startup = 'startup = { exec = "sh", args = ["-c", "echo parent $PPID; sleep 0.2; touch /tmp/set-up"] }';
    const it = container(`[settings]\n${startup}\n${task("a", "ls /tmp/set-up")}${task("b", "ls /tmp/set-up")}`);
    expect(await it.ended).toBe(0);
    for (const line of ["startup | parent 1\n", "g@a | /tmp/set-up\n", "g@b | /tmp/set-up\n"]) expect(it.out()).toContain(line);
  });

  test("runtime behavior: a startup program that fails ends the container with 1, and nothing starts", async () => {
    const it = container(`[settings]\nstartup = { exec = "false" }\n${task("a", "echo ran")}`);
    expect(await it.ended).toBe(1);
    expect(it.out()).not.toContain("ran");
  });

  test("runtime behavior: docker stop while the startup program runs ends it, and nothing starts", async () => {
    const it = container(
      `[settings]\nstartup = { exec = "sh", args = ["-c", "echo setting up; exec sleep 300"] }\n${task("a", "echo ran")}`,
    );
    await it.said(/setting up/);
    await it.kill("SIGTERM");
    expect(await it.ended).toBe(1);
    expect(it.out()).not.toContain("ran");
  });

  test("restart policies and logging: up-to-count from the settings, all on stdout, a file per service in a new logs-<n> of each run", async () => {
    const disk = tempFolder();
    const units = readFileSync(join(EXAMPLES, "nimi/hello.toml"), "utf8").replace("2000", "50").replaceAll("nimi_logs", "/disk/nimi_logs");
    for (const n of [0, 1]) {
      const it = container(units, { disk });
      expect(await it.ended).toBe(1);
      expect(it.out()).toMatch(/startup \| container initialization\n(.|\n)*g@hello \| hello from Rind/);
      expect(it.out().match(/g@unlucky \| I try/g)).toHaveLength(4);
      const folder = join(disk, "nimi_logs", `logs-${n}`);
      expect(readdirSync(folder).sort()).toEqual(["g@hello.txt", "g@unlucky.txt"]);
      expect(readFileSync(join(folder, "g@unlucky.txt"), "utf8")).toBe("I try\n".repeat(4));
    }
  });

  test("restart policies: never, and always until it is stopped", async () => {
    const never = container('[settings]\nrestart = "never"\n[[service]]\nname = "a"\nrun.shell = "echo ran; exit 4"\n');
    expect(await never.ended).toBe(4);
    expect(never.out().match(/\| ran/g)).toHaveLength(1);
    const always = container('[[service]]\nname = "a"\nrun.shell = "echo ran"\nrestart = { on = "always", delay = "10ms", backoff = 1 }\n');
    await always.said(/(\| ran[^]*){4}/);
    await always.kill("SIGTERM");
    expect(await always.ended).toBe(0);
  });

  test("config data: what the image has in a folder of the service's own is found there, with nothing written to it", async () => {
    const config = 'run.env = { XDG_CONFIG_HOME = "/app/config" }';
    const it = container(task("a", 'cat "$XDG_CONFIG_HOME/app/app.conf"', config), {
      files: { "app/config/app/app.conf": "port = 8080\n" },
      entry: 'mount -t tmpfs tmpfs /run && mount -o remount,ro / && exec "$@"',
    });
    expect(await it.ended).toBe(0);
    expect(it.out()).toContain("g@a | port = 8080\n");
  });
});

describe.skipIf(!IS_ROOT)("process-compose in containers (these tests need root)", () => {
  const stack = `${server("postgresql")}${server("redis")}${server("nginx", 'requires = ["postgresql"]')}`;

  test("simple custom service: folder, environment, waits for what it needs, restarts, and is ready when it answers", async () => {
    const it = container(
      `${server("postgresql")}
[[service]]
name = "my-api"
run.exec = "node"
run.args = ["/app/service.mjs", "--name", "my-api", "--port", "8080"]
run.cwd = "/app/workspace"
run.env = { PORT = "8080", DATABASE_URL = "postgresql://localhost:5432/mydb" }
requires = ["postgresql@ready"]
restart = { on = "always", delay = "50ms", max-retries = 10 }
ready = { http.get = { path = "/health", port = 8080 }, initial-delay = "100ms", period = "300ms" }
`,
      {
        files: {
          "app/service.mjs": readFileSync(join(EXAMPLES, "bin/http-service.mjs"), "utf8"),
          "app/workspace/readme": "",
        },
      },
    );
    await it.said(/all services ready/);
    expect(it.out()).toMatch(/g@postgresql: ready[^]*g@my-api: starting[^]*g@my-api: ready/);
    expect((await get(it, "http://127.0.0.1:8080/")).text).toContain('"database":"postgresql://localhost:5432/mydb"');
    const pid = async (): Promise<number> => (JSON.parse(await it.rind("status g@my-api --json")) as ServiceRow).pid ?? 0;
    const before = await pid();
    expect((await it.sh(`readlink /proc/${before}/cwd`)).out).toBe("/app/workspace\n");
    const from = it.out().length;
    await it.sh(`kill ${before}`);
    await it.said(/g@my-api: ready/, from);
    expect(await pid()).not.toBe(before);
  });

  test("GPU-accelerated service: it starts when the check has succeeded; without a GPU the container ends with the check's code", async () => {
    const inference = `[[service]]\nname = "inference-api"\nrun.shell = "echo on $CUDA_VISIBLE_DEVICES; exec sleep 300"
run.env = { CUDA_VISIBLE_DEVICES = "0" }\nrequires = ["gpu-check@succeeded"]\n`;
    const well = container(task("gpu-check", "true") + inference);
    await well.said(/inference-api \| on 0/);
    await well.kill("SIGTERM");
    expect(await well.ended).toBe(0);
    const without = container(task("gpu-check", "exit 9") + inference);
    expect(await without.ended).toBe(9);
    expect(without.out()).toMatch(/g@inference-api never started: it waits for requires: g@gpu-check/);
    expect(without.out()).not.toContain("on 0");
  });

  test.skipIf(!(HAS.nginx && HAS.postgres && HAS.redis))(
    "database example, microservices stack: the gateway answers for all three, and docker stop ends all of it with 0",
    { timeout: TIMEOUT_MS },
    async () => {
      const p = await example();
      const it = exampleContainer(p, "microservices");
      await it.said(/all services ready/);
      for (const name of ["users", "orders", "inventory"])
        expect(await get(it, `http://127.0.0.1:${p.port(18_080)}/${name}/`)).toMatchObject({ status: 200 });
      process.kill(await it.first(), "SIGTERM");
      expect(await it.ended).toBe(0);
      expect(it.out()).toMatch(/stack@gateway: stopped[^]*stack@postgresql: stopped/);
    },
  );

  test.skipIf(!HAS.postgres)("ML training pipeline: data, training and serving in order", { timeout: TIMEOUT_MS }, async () => {
    const p = await example({ '"30s"': '"100ms"' });
    const it = exampleContainer(p, "ml-training");
    await it.said(/all services ready/);
    expect(it.out()).toMatch(/processed numbers.txt[^]*trained: 2[^]*ml@model-server: ready/);
    expect((await get(it, `http://127.0.0.1:${p.port(18_081)}/health`)).status).toBe(200);
    process.kill(await it.first(), "SIGTERM");
    expect(await it.ended).toBe(0);
  });

  test.skipIf(!HAS.nginx)(
    "web server example, dependency ordering, horizontal scaling: database, migration, two workers, and nginx before them",
    { timeout: TIMEOUT_MS },
    async () => {
      const p = await example();
      const it = exampleContainer(p, "container");
      await it.said(/all services ready/);
      expect(it.out()).toMatch(/web@db: ready[^]*web@migrator: ended[^]*web@worker-1: starting/);
      expect(it.out()).toContain(`web@migrator | migrating postgresql://localhost:${p.port(15_434)}/app\n`);
      const names = async (): Promise<readonly string[]> => {
        const texts = [];
        for (let n = 0; n < 4; n++) texts.push((await get(it, `http://127.0.0.1:${p.port(18_003)}/`)).text);
        return [...new Set(texts.map((text) => (JSON.parse(text) as { name: string }).name))].sort();
      };
      expect(await names()).toEqual(["worker-1", "worker-2"]);
      await p.rind("stop", "web@worker-1");
      expect(await names()).toEqual(["worker-2"]);
      const pid = ((await p.json("status", "web@worker-2")) as ServiceRow).pid ?? 0;
      const inside = ["-t", String(await it.first()), "-p", "-m", "cat", `/proc/${pid}/status`];
      expect((await runToEnd("nsenter", inside)).out).toMatch(/Uid:\t4711\t4711\t4711\t4711\nGid:\t4711\t/);
      process.kill(await it.first(), "SIGTERM");
      expect(await it.ended).toBe(0);
      expect(it.out()).toMatch(/web@load-balancer: stopped[^]*web@worker-2: stopped[^]*web@db: stopped/);
    },
  );

  test("no services defined: on a terminal there is a shell, whose code is that of the container, and which leaves no zombie", async () => {
    const it = container("", { terminal: true, entry: 'exec setsid -c env PS1="# " SHELL=/bin/sh "$@"' });
    await it.said(/no service is declared: this is an interactive shell/);
    it.type("((exit 0) &); sleep 1; echo zombies: $(cat /proc/[0-9]*/stat | grep -c ' Z ')");
    await it.said(/zombies: 0/);
    it.type("exit 7");
    expect(await it.ended).toBe(7);
  });

  test("no services defined: docker stop hangs the shell up, and without a terminal there is none: 0 both", async () => {
    const shell = container("", { terminal: true });
    await shell.said(/this is an interactive shell/);
    await shell.said(/[#$] $/);
    await shell.kill("SIGTERM");
    expect(await shell.ended).toBe(0);
    const none = container("");
    expect(await none.ended).toBe(0);
    expect(none.out()).toBe('no service is declared: there is nothing to run ([settings] on-empty = "wait" stays)\n');
  });

  test("services defined: it tells what starts, what waits for what, and when all are ready", async () => {
    const it = container(stack);
    await it.said(/all services ready/);
    for (const line of ["g@postgresql: starting", "g@redis: starting", "g@nginx: waiting for requires: g@postgresql is not ready"])
      expect(it.out()).toContain(line);
    expect(it.out()).toMatch(/g@postgresql: ready[^]*g@nginx: starting/);
  });

  test("mixed mode: from a shell as entry point rind up runs in the background, as the child of PID 1", async () => {
    const it = container(stack, { terminal: true, entry: `exec setsid -c env PS1='# ' /bin/bash --norc` });
    await it.said(/# /);
    it.type(`${PROGRAM} up -d --wait && ${PROGRAM} status; echo code $?`);
    await it.said(/g@nginx +running[^]*code 0/);
    it.type(`${PROGRAM} down; echo down $?`);
    await it.said(/down 0/);
    it.type("exit");
    expect(await it.ended).toBe(0);
  });

  test("restart policies, health monitoring: given up after the last restart, and restarted when unhealthy", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const p = await example({ '"10s"': '"100ms"', '"5s"': '"100ms"', '"30s"': '"100ms"' });
    const it = exampleContainer(p, "patterns");
    await it.said(/patterns@monitored-service: ready/);
    await phaseOf(p, "patterns@resilient-service", "failed");
    expect(it.out().match(/resilient-service \| up/g)).toHaveLength(6);
    const from = it.out().length;
    await get(it, `http://127.0.0.1:${p.port(18_082)}/break`, "POST");
    await it.said(/monitored-service ends[^]*patterns@monitored-service: ready/, from);
  });

  test("log aggregation: what services print is on stdout behind their names, and with --quiet nothing is", async () => {
    const units = `${task("a", "echo out; echo err >&2")}${task("b", "printf 'no end of line'")}`;
    const loud = container(units, { entry: 'exec "$@" 2>/dev/null' });
    expect(await loud.ended).toBe(0);
    expect(loud.out().split("\n").sort()).toEqual(["", "g@a | out", "g@b | no end of line"]);
    const quiet = container(units, { words: "up --quiet" });
    expect(await quiet.ended).toBe(0);
    expect(quiet.out()).toBe("");
  });

  test("individual service logs: docker exec rind logs shows those of one, and follows them", async () => {
    const it = container(
      `${server("postgresql")}${task("other", "echo other")}[[signal]]\nname = "more"\n${task("my-api", "echo later", 'start-on = ["more"]')}`,
    );
    await it.said(/all services ready/);
    expect(await it.rind("logs g@postgresql")).toBe("postgresql up\n");
    const following = it.sh(`timeout 20 ${PROGRAM} logs --follow g@my-api | head -n 1`);
    let over = false;
    void following.finally(() => {
      over = true;
    });
    // until it listens
    const emit = async (): Promise<boolean> => it.rind("emit g@more").then(() => over);
    await expect.poll(emit, { timeout: 20_000 }).toBe(true);
    expect((await following).out).toBe("later\n");
  });

  test("debugging failed services: docker exec rind status, why, restart, and the units as they run", async () => {
    const it = container(`${server("s")}${task("broken", "echo no config >&2; exit 3")}`);
    await it.said(/g@broken: failed/);
    await it.said(/g@s: ready/);
    const status = await it.rind("status");
    expect(status).toMatch(/g@broken +failed .*exit code 3/);
    expect(await it.rind("why g@broken")).toMatch(/exit code 3/);
    const pid = async (): Promise<number | null> => (JSON.parse(await it.rind("status g@s --json")) as ServiceRow).pid;
    const before = await pid();
    await it.rind("restart g@s");
    expect(await pid()).not.toBe(before);
    expect(await it.rind("up --dry-run")).toContain("g@broken");
  });

  test("interactive debugging: from a shell the units are shown, one service with what it needs is started, then all", async () => {
    const it = container(stack, { entry: "exec sleep 300" });
    await it.first();
    await expect.poll(async () => (await it.sh("true")).code, { timeout: 10_000 }).toBe(0);
    expect(await it.rind("up --dry-run")).toContain("g@redis");
    await it.rind("up -d --wait flows nginx");
    const running = async (): Promise<readonly string[]> => {
      const { services } = JSON.parse(await it.rind("list --json")) as { services: readonly ServiceRow[] };
      return services.filter(({ phase }) => phase === "running").map(({ name }) => name);
    };
    expect(await running()).toEqual(["g@nginx", "g@postgresql"]);
    await it.rind("down");
    await it.rind("up -d --wait");
    expect(await running()).toEqual(["g@nginx", "g@postgresql", "g@redis"]);
    await it.rind("down");
  });

  test("resource management, external databases: limits and addresses come from the environment, the service's own before the container's", async () => {
    const it = container(
      task("app", "echo $GOMAXPROCS $DATABASE_URL; ulimit -n", 'run.env = { GOMAXPROCS = "4" }\nrun.rlimits = { nofile = 64 }'),
      {
        entry: 'exec env GOMAXPROCS=16 DATABASE_URL=postgresql://db.example.invalid:5432/myapp "$@"',
      },
    );
    expect(await it.ended).toBe(0);
    expect(it.out()).toContain("g@app | 4 postgresql://db.example.invalid:5432/myapp\ng@app | 64\n");
  });

  test("best practices, secret management: a mounted secret is read by its service alone, and is in no environment", async () => {
    const disk = tempFolder();
    const reads = task("app", "cat /run/secrets/password", "run.user = 4711");
    const others = task(
      "other",
      "cat /run/secrets/password || echo denied; env | grep -c secret-text",
      "run.user = 4712\nsuccess-exit-codes = [0, 1]",
    );
    const it = container(reads + others, {
      disk,
      entry:
        'mkdir -p /run/secrets; echo secret-text > /run/secrets/password; chown 4711 /run/secrets/password; chmod 400 /run/secrets/password; exec "$@"',
    });
    expect(await it.ended).toBe(0);
    expect(it.out()).toContain("g@app | secret-text\n");
    expect(it.out()).toMatch(/g@other \| denied\n(.*\n)*g@other \| 0\n/);
  });

  test("best practices, structured logging: a line as json, with its service, stream and time", async () => {
    const it = container(`${server("s")}`);
    await it.said(/all services ready/);
    expect(JSON.parse((await it.rind("logs g@s --json")).trim())).toMatchObject({ service: "g@s", stream: "stdout", line: "s up" });
  });
});
