import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { connectControl, type ControlClient } from "../../src/control/client.ts";
import { median, report, rounded } from "../support/measure.ts";

/** Fifty services that end as soon as they are started, for a minute: what that costs the daemon, and whether each wait is as the policy says. */
const SERVICES = 50;
const SECONDS = Number(process.env["RIND_BENCH_SECONDS"] ?? 60);
/** The history must not run over between two looks at it. */
const LOOK_MS = 2_000;
const LOOK_FACTS = 8_000;
const TICKS_PER_SECOND = 100;

interface Policy {
  readonly name: string;
  readonly toml: string;
  readonly waitMs: (retry: number) => number;
}

const POLICIES: readonly Policy[] = [
  { name: "defaults", toml: '{ max-retries = "unlimited" }', waitMs: (retry) => 1_000 * 2 ** (retry - 1) },
  { name: "every second", toml: '{ max-retries = "unlimited", backoff = 1 }', waitMs: () => 1_000 },
];

for (const policy of POLICIES) await crashLoop(policy);

async function crashLoop({ name, toml, waitMs }: Policy): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "rind-bench-"));
  mkdirSync(join(folder, "flows"));
  const unit = (i: number): string => `[[service]]\nname = "s${i}"\nrun = "false"\nrestart = ${toml}\n`;
  const units = Array.from({ length: SERVICES }, (_, i) => unit(i));
  writeFileSync(join(folder, "flows", "g.toml"), `${units.join("")}[[service]]\nname = "stays"\nrun = "sleep 1000"\n`);
  const socket = join(folder, "s");
  const env = { ...process.env, RIND_SOCKET: socket, RIND_STATE_PATH: join(folder, "state"), XDG_RUNTIME_DIR: folder };
  const daemon = spawn(process.execPath, [resolve("dist/rind.js"), "up", "--quiet"], { cwd: folder, env, stdio: "ignore" });
  const ended = new Promise((done) => daemon.once("exit", done));
  try {
    const client = await connected(socket);
    const ticks = cpuTicks(daemon.pid ?? 0);
    const waits = await watch(client);
    const cpu = ((cpuTicks(daemon.pid ?? 0) - ticks) / TICKS_PER_SECOND / SECONDS) * 100;
    const late = waits.map(({ retry, ms }) => ms / waitMs(retry) - 1);
    report(`crash loop of ${SERVICES} services for ${SECONDS} s, ${name}`, {
      restarts: waits.length,
      cpuPercent: rounded(cpu, 1),
      medianLatePercent: rounded(median(late) * 100, 1),
      worstLatePercent: rounded(Math.max(...late) * 100, 1),
      worstEarlyPercent: rounded(-Math.min(0, ...late) * 100, 1),
    });
    client.close();
  } finally {
    daemon.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every wait from the end of a run until the next process is up. */
async function watch(client: ControlClient): Promise<{ readonly retry: number; readonly ms: number }[]> {
  const waits: { readonly retry: number; readonly ms: number }[] = [];
  const ends = new Map<string, { readonly retry: number; readonly time: number }>();
  let seen = 0;
  for (const until = performance.now() + SECONDS * 1_000; performance.now() < until; ) {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    const facts = await client.call("event.trace", { last: LOOK_FACTS });
    for (const fact of facts) {
      if (fact.id <= seen || fact.kind !== "phase") continue;
      seen = fact.id;
      const end = ends.get(fact.instance);
      const retry = /retry (\d+)/.exec(fact.reason)?.[1];
      if (fact.to === "backoff" && retry !== undefined) ends.set(fact.instance, { retry: Number(retry), time: fact.time });
      else if (fact.to === "running" && end !== undefined) waits.push({ retry: end.retry, ms: fact.time - end.time });
    }
  }
  return waits;
}

async function connected(socket: string): Promise<ControlClient> {
  for (let tries = 0; ; tries++) {
    try {
      return await connectControl(socket);
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

/** Processor time of the daemon itself, without its children. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
