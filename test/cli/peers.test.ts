import { connect } from "node:net";
import { expect, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { phaseOf } from "./await-phase.ts";
import type { Project } from "./daemon-rig.ts";
import { type Example, example, HAS } from "./example-rig.ts";
import { runToEnd } from "./program.ts";

/** Servers out of Debian's packages, as their users run them: started, killed with SIGKILL, and back. */

const TIMEOUT_MS = 60_000;
const HAS_ALL = HAS.nginx && HAS.postgres && HAS.redis;

async function row(p: Project, name: string): Promise<ServiceRow> {
  return (await p.json("status", name)) as ServiceRow;
}

/** Kills the main process; resolves with the row of the run that follows, when that is ready. */
async function killed(p: Project, name: string): Promise<ServiceRow> {
  const { pid } = await row(p, name);
  const client = await p.client();
  const feed = await client.follow("event.subscribe", { names: [name] });
  process.kill(Number(pid), "SIGKILL");
  for await (const { facts } of feed) if (facts.some((fact) => fact.kind === "phase" && fact.to === "running")) break;
  const after = await row(p, name);
  expect(after).toMatchObject({ phase: "running", ready: true, restarts: 1 });
  expect(after.pid).not.toBe(pid);
  return after;
}

/** What a server answers to some bytes, up to the first end of a line. */
function ask(port: number, bytes: string): Promise<string> {
  return new Promise((done, failed) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.setEncoding("utf8").once("data", (text: string) => {
      done(text.split("\r\n", 1)[0] ?? "");
      socket.destroy();
    });
    socket.once("error", failed);
  });
}

async function stack(): Promise<Example> {
  const p = await example({
    "delay-ms = 200": "delay-ms = 50",
    'stop-signal = "SIGINT"': 'stop-signal = "SIGINT"\nrestart = { delay-ms = 50 }',
  });
  await p.up("microservices");
  await phaseOf(p, "stack@gateway", "running");
  return p;
}

test.skipIf(!HAS_ALL)("Redis tells by itself when it is ready, and is back after SIGKILL", { timeout: TIMEOUT_MS }, async () => {
  const p = await stack();
  expect(await row(p, "stack@session-store")).toMatchObject({ phase: "running", ready: true });
  expect(await ask(p.port(16_379), "PING\r\n")).toBe("+PONG");
  await killed(p, "stack@session-store");
  expect(await ask(p.port(16_379), "PING\r\n")).toBe("+PONG");
});

test.skipIf(!HAS_ALL)(
  "PostgreSQL tells by itself when it is ready; SIGKILL leaves none of its processes, and it recovers",
  {
    timeout: TIMEOUT_MS,
  },
  async () => {
    const p = await stack();
    const sql = (text: string) =>
      runToEnd("psql", ["-h", "127.0.0.1", "-p", String(p.port(15_432)), "-U", "postgres", "-d", "users", "-Atc", text], { cwd: p.folder });
    expect(await sql("create table kept as select 42 as answer")).toMatchObject({ code: 0 });
    // every backend is a process of its own: the next server starts only when all of them are gone
    await killed(p, "stack@postgresql");
    expect((await sql("select answer from kept")).out).toBe("42\n");
    // what requires it has lost nothing: a restart is no loss
    expect(await row(p, "stack@user-service")).toMatchObject({ phase: "running", restarts: 0 });
    expect((await p.rind("down")).code).toBe(0);
  },
);

test.skipIf(!HAS_ALL)(
  "nginx is ready when it answers; SIGKILL of its master leaves no worker, and it is back",
  { timeout: TIMEOUT_MS },
  async () => {
    const p = await stack();
    const answer = async (): Promise<number> => (await fetch(`http://127.0.0.1:${p.port(18_080)}/gateway`)).status;
    expect(await answer()).toBe(200);
    // a worker that was left behind would hold the port
    await killed(p, "stack@gateway");
    expect(await answer()).toBe(200);
  },
);
