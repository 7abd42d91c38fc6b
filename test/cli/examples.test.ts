import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { phaseOf } from "./await-phase.ts";
import { printed } from "./daemon-rig.ts";
import { example, HAS } from "./example-rig.ts";

/** The units of flows/examples, run as they are but for their ports and the longest of their times. */

const TIMEOUT_MS = 60_000;

async function get(port: number, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: answer.status, text: await answer.text() };
}

test("nimi: the startup program runs first, a service is restarted up to the count, and each has a file in a new folder of each run", {
  timeout: TIMEOUT_MS,
}, async () => {
  const p = await example({ "2000": "50" });
  const first = await p.up("nimi");
  expect(await first.ended).toBe(1);
  expect(first.out()).toMatch(/startup \| container initialization\n(.|\n)*hello@hello \| hello from Rind/);
  expect(first.out().match(/hello@unlucky \| I try/g)).toHaveLength(4);
  await (await p.up("nimi")).ended;
  const logs = join(p.folder, "nimi/nimi_logs");
  expect(readdirSync(logs).sort()).toEqual(["logs-0", "logs-1"]);
  for (const run of ["logs-0", "logs-1"]) {
    expect(readFileSync(join(logs, run, "hello@hello.txt"), "utf8")).toBe("hello from Rind\n");
    expect(readFileSync(join(logs, run, "hello@unlucky.txt"), "utf8")).toBe("I try\n".repeat(4));
  }
});

test.skipIf(!HAS.systemdNotify)(
  "devenv: processes, a relative folder, restart always with a limit, and the three ways to be ready",
  {
    timeout: TIMEOUT_MS,
  },
  async () => {
    const p = await example();
    const daemon = await p.up("devenv");
    await phaseOf(p, "ready@api", "running");
    await phaseOf(p, "ready@notifier", "running");
    await phaseOf(p, "basic@server", "running");
    await phaseOf(p, "basic@worker", "failed");
    expect(daemon.out().match(/basic@worker \| one job/g)).toHaveLength(11);
    expect(daemon.out()).toContain("basic@silly-example | hello");
    expect((await get(p.port(18_000), "/")).text).toContain('"name":"server"');
    const since = async (name: string): Promise<string> => ((await p.json("status", name)) as ServiceRow).since ?? "";
    expect((await since("ready@early")) < (await since("ready@api"))).toBe(true);
    expect((await since("ready@database")) < (await since("ready@api"))).toBe(true);
    await p.rind("down");
    expect(existsSync(join(p.folder, "devenv/ready-mark"))).toBe(false);
  },
);

test.skipIf(!HAS.postgres)(
  "ml-training: data, then training, then serving, with the tracker and its database beside it",
  { timeout: TIMEOUT_MS },
  async () => {
    const p = await example({ '"30s"': '"100ms"' });
    const daemon = await p.up("ml-training");
    await phaseOf(p, "ml@model-server", "running");
    expect(daemon.out()).toMatch(/processed numbers.txt\n(.|\n)*trained: 2, tracked at http/);
    expect((await get(p.port(18_081), "/health")).status).toBe(200);
    expect(((await p.json("status", "ml@model-trainer")) as ServiceRow).phase).toBe("exited");
    expect((await p.rind("down")).code).toBe(0);
  },
);

test.skipIf(!(HAS.nginx && HAS.postgres && HAS.redis))(
  "microservices: database, store, three services and a gateway, which goes on without one of them",
  {
    timeout: TIMEOUT_MS,
  },
  async () => {
    const p = await example();
    await p.up("microservices");
    await phaseOf(p, "stack@gateway", "running");
    const users = await get(p.port(18_080), "/users/anna");
    expect(JSON.parse(users.text)).toMatchObject({
      name: "user-service",
      path: "/anna",
      database: "postgresql://localhost:15432/users".replace("15432", String(p.port(15_432))),
    });
    await p.rind("stop", "stack@order-service");
    expect((await get(p.port(18_080), "/orders/")).status).toBe(502);
    expect((await get(p.port(18_080), "/inventory/")).status).toBe(200);
    // what needs the database goes before it
    await p.rind("stop", "stack@postgresql");
    expect(((await p.json("status", "stack@user-service")) as ServiceRow).phase).toBe("blocked");
    expect((await p.rind("down")).code).toBe(0);
  },
);

test("patterns: always back with growing delays up to a limit, and restarted when it is no longer healthy", {
  timeout: TIMEOUT_MS,
}, async () => {
  const p = await example({ '"10s"': '"100ms"', '"5s"': '"100ms"', '"30s"': '"100ms"', "exec sleep": "exec sleep" });
  const daemon = await p.up("patterns");
  await phaseOf(p, "patterns@resilient-service", "failed");
  expect(daemon.out().match(/resilient-service \| up/g)).toHaveLength(6);
  await phaseOf(p, "patterns@inference-api", "running");
  await phaseOf(p, "patterns@monitored-service", "running");
  const before = (await p.json("status", "patterns@monitored-service")) as ServiceRow;
  await fetch(`http://127.0.0.1:${p.port(18_082)}/break`, { method: "POST" });
  await printed(daemon, "out", /monitored-service ends\n(.|\n)*monitored-service listens/);
  await phaseOf(p, "patterns@monitored-service", "running");
  const after = (await p.json("status", "patterns@monitored-service")) as ServiceRow;
  expect(after.pid).not.toBe(before.pid);
  expect(after.restarts).toBe(1);
});

test.skipIf(!(HAS.nginx && HAS.postgres))("zinit: its documented files run as they are", { timeout: TIMEOUT_MS }, async () => {
  const p = await example({ start_period_ms: "start_period_ms", "5000": "100", "10000": "100" });
  await p.up("zinit");
  await phaseOf(p, "my-app@my-app", "running");
  await phaseOf(p, "web@web", "running");
  await phaseOf(p, "web-server@web-server", "running");
  await phaseOf(p, "setup-db@setup-db", "exited");
  expect((await get(p.port(18_090), "/health")).text).toBe("well\n");
  await p.rind("stop", "--all");
  expect(((await p.json("status", "web@web")) as ServiceRow).phase).toBe("exited");
  expect(((await p.json("status", "watcher@watcher")) as ServiceRow).phase).toBe("running");
});
