import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import type { ControlClient } from "../../src/control/client.ts";
import type { Json } from "../../src/model/json.ts";
import { ZINIT_DEFAULTS } from "../support/zinit-defaults.ts";
import { phaseOf } from "./await-phase.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { type Project, project } from "./daemon-rig.ts";

/** Keeps the daemon from ending by itself. */
const KEEP = '[[service]]\nname = "keep"\nrun = ["sleep", "1000"]\n';
const SLEEP = ["sleep", "1000"];

async function daemon(units = KEEP): Promise<{ readonly p: Project; readonly client: ControlClient; readonly services: string }> {
  const p = project({ "flows/app.toml": units });
  await p.up();
  // a process that is being started has no pid yet
  if (units === KEEP) await phaseOf(p, "app@keep", "running");
  return { p, client: await p.client(), services: join(p.folder, "services") };
}

function stored(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

async function row(client: ControlClient, name: string): Promise<ServiceRow> {
  const answer = await client.call("service.status", { name });
  if ("name" in answer) return answer;
  throw new Error(`${name} is a list`);
}

function set(client: ControlClient, service: Json) {
  return client.call("service.set", { service });
}

function lives(pid: number | null): boolean {
  return pid !== null && existsSync(`/proc/${pid}/stat`);
}

test("004-C1, 004-C7, 004-C12, 004-C14: service.set takes json and stores it as a TOML file of its name", async () => {
  const { client, services } = await daemon();
  const answer = await set(client, { name: "job@sleeper", run: SLEEP });
  expect(answer).toMatchObject({ name: "job@sleeper", file: join(services, "job@sleeper.toml"), replaced: false, warnings: [] });
  expect(stored(services)).toEqual(["job@sleeper.toml"]);
  expect(readFileSync(answer.file, "utf8")).toMatch(/^\[\[service\]\]\nname = "sleeper"\n/);
});

test("004-C9, 004-C10: one with status start goes to starting at once", async () => {
  const { p, client } = await daemon();
  const { services } = await set(client, { name: "job@sleeper", run: SLEEP });
  expect(["starting", "running"]).toContain(services[0]?.phase);
  await phaseOf(p, "job@sleeper", "running");
});

test.each(["stop", "ignore"])("004-C11: one with status %s stays inactive until it is started by hand", async (status) => {
  const { client } = await daemon();
  expect((await set(client, { name: "job@sleeper", run: SLEEP, status })).services).toMatchObject([{ phase: "inactive", pid: null }]);
  await client.call("service.start", { names: ["job@sleeper"] });
  expect(await row(client, "job@sleeper")).toMatchObject({ phase: "running" });
});

test("004-C11: one that replaces a running service and has status stop is inactive, as if the other had never been", async () => {
  const { p, client } = await daemon();
  await set(client, { name: "job@sleeper", run: SLEEP });
  await phaseOf(p, "job@sleeper", "running");
  const { pid } = await row(client, "job@sleeper");
  const { services, replaced } = await set(client, { name: "job@sleeper", run: SLEEP, status: "stop" });
  expect({ services, replaced }).toMatchObject({ replaced: true, services: [{ phase: "inactive", pid: null, exit: null }] });
  expect(lives(pid)).toBe(false);
});

test("N132, 004-C6: set over a running service kills the old one without grace; one process of the new one is left", async () => {
  const { p, client } = await daemon();
  const stubborn = 'trap "touch graceful" TERM; touch armed; while :; do sleep 0.05; done';
  await set(client, { name: "job@worker", run: { shell: stubborn }, "stop-timeout": "60s" });
  while (!existsSync(join(p.folder, "armed"))) await new Promise((resolve) => setTimeout(resolve, 10));
  const old = await row(client, "job@worker");
  const { file } = await set(client, { name: "job@worker", run: { exec: "sleep", args: ["2000"] } });
  await phaseOf(p, "job@worker", "running");
  const now = await row(client, "job@worker");
  expect(now.pid).not.toBe(old.pid);
  expect(lives(old.pid)).toBe(false);
  expect(existsSync(join(p.folder, "graceful"))).toBe(false);
  expect(readFileSync(`/proc/${now.pid}/cmdline`, "utf8")).toMatch(/sleep\u00002000\u0000$/);
  expect(readFileSync(file, "utf8")).toContain("2000");
  expect(now).toMatchObject({ restarts: 0, stale: false });
});

test("two sets at once are taken one after the other: the last one stands, with one process", async () => {
  const { p, client } = await daemon();
  const times = ["1001", "1002", "1003", "1004"];
  await Promise.all(times.map((time) => set(client, { name: "job@worker", run: ["sleep", time] })));
  await phaseOf(p, "job@worker", "running");
  const { pid } = await row(client, "job@worker");
  expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toMatch(/sleep\u00001004\u0000$/);
  const sleeping = readdirSync("/proc").filter(
    (entry) => /^\d+$/.test(entry) && times.some((time) => cmdline(entry).endsWith(`sleep\0${time}\0`)),
  );
  expect(sleeping).toEqual([String(pid)]);
});

function cmdline(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** A set that fails at each check in turn, with the others failing after it. */
const REFUSED: readonly (readonly [check: string, service: Json, code: string, message: RegExp])[] = [
  ["parse", ["no", "service"], "RIND_SERVICE_PARSE", /object/],
  ["fields: no name", { run: SLEEP }, "RIND_SERVICE_FIELDS", /name/],
  ["fields: a wrong type", { name: "job@worker", run: "/no/such", status: 7, after: ["ghost"] }, "RIND_SERVICE_FIELDS", /status/],
  ["fields: an unknown key", { name: "job@worker", run: "/no/such", colour: "red", after: ["ghost"] }, "RIND_SERVICE_FIELDS", /colour/],
  [
    "executable: none of that path",
    { name: "job@worker", run: "/no/such", after: ["ghost"] },
    "RIND_SERVICE_EXECUTABLE",
    /no program \/no\/such/,
  ],
  [
    "executable: none in PATH",
    { name: "job@worker", run: "no-such-program", after: ["ghost"] },
    "RIND_SERVICE_EXECUTABLE",
    /no-such-program/,
  ],
  ["executable: a folder", { name: "job@worker", run: "/usr", requires: ["ghost"] }, "RIND_SERVICE_EXECUTABLE", /folder/],
  ["references: after", { name: "job@worker", run: SLEEP, after: ["ghost"], conflicts: ["app@keep"] }, "RIND_SERVICE_REFERENCES", /ghost/],
  [
    "references: requires",
    { name: "job@worker", run: SLEEP, requires: ["ghost"], conflicts: ["app@keep"] },
    "RIND_SERVICE_REFERENCES",
    /ghost/,
  ],
  ["references: itself", { name: "job@worker", run: SLEEP, after: ["job@worker"] }, "RIND_SERVICE_REFERENCES", /itself/],
  ["references: a cycle", { name: "job@worker", run: SLEEP, after: ["job@second"] }, "RIND_SERVICE_REFERENCES", /job@second/],
  ["conflicts", { name: "job@worker", run: SLEEP, conflicts: ["app@keep"] }, "RIND_SERVICE_CONFLICT", /app@keep/],
];

test.each(REFUSED)(
  "N131, N122, 004-C2, 004-C3, 004-E1, 004-E2, 004-E3, 004-E4, 004-E5: where the check of %s fails, neither file nor unit nor process of the old one is touched",
  async (_check, service, code, message) => {
    const { p, client, services } = await daemon();
    await set(client, { name: "job@worker", run: SLEEP });
    await set(client, { name: "job@second", run: SLEEP, after: ["job@worker"] });
    await phaseOf(p, "job@worker", "running");
    const before = await row(client, "job@worker");
    const text = readFileSync(join(services, "job@worker.toml"), "utf8");
    const error = await set(client, service).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(stored(services)).toEqual(["job@second.toml", "job@worker.toml"]);
    expect(readFileSync(join(services, "job@worker.toml"), "utf8")).toBe(text);
    expect(await row(client, "job@worker")).toEqual(before);
    expect((await client.call("service.list", {})).map(({ name }) => name)).toEqual(["app@keep", "job@second", "job@worker"]);
  },
);

test("N24, 004-C4, 004-V5: a service that is wanted, or conflicted with, need not be there", async () => {
  const { p, client } = await daemon();
  const { warnings } = await set(client, { name: "job@worker", run: SLEEP, wants: ["job@ghost"], conflicts: ["job@spectre"] });
  expect(warnings).toEqual([]);
  await phaseOf(p, "job@worker", "running");
});

test("004-C5: a service that conflicts with one that does not run is taken, also where the other says so", async () => {
  const { client } = await daemon(`${KEEP}conflicts = ["job@worker"]\n`);
  await expect(set(client, { name: "job@worker", run: SLEEP })).rejects.toMatchObject({
    code: "RIND_SERVICE_CONFLICT",
    hint: "stop it first: rind stop app@keep",
  });
  const other = await set(client, { name: "job@other", run: SLEEP, status: "stop" });
  expect(other.services).toMatchObject([{ phase: "inactive" }]);
  await set(client, { name: "job@third", run: SLEEP, conflicts: ["job@other"] });
});

test.each(["../evil", "a/b", "@x", "x@", "a@b@c", ".hidden", "a@../b", "a b", "x".repeat(200), ""])(
  "N121: the name %j is refused before the disk is touched",
  async (name) => {
    const { p, client, services } = await daemon();
    await expect(set(client, { name, run: SLEEP })).rejects.toMatchObject({ code: "RIND_SERVICE_FIELDS" });
    expect(stored(services)).toEqual([]);
    expect(existsSync(join(p.folder, "evil.toml"))).toBe(false);
  },
);

test("N129, 004-C13: what was set is back from disk after the daemon was killed", async () => {
  const p = project({ "flows/app.toml": KEEP });
  const first = await p.up();
  const client = await p.client();
  await set(client, { name: "job@worker", run: { exec: "sleep", args: ["1000"], env: { A: "1" } }, class: "system", "stop-timeout": "3s" });
  await phaseOf(p, "job@worker", "running");
  const before = await client.call("service.get", { name: "job@worker" });
  first.child.kill("SIGKILL");
  await first.ended;
  await p.up();
  await phaseOf(p, "job@worker", "running");
  expect(await (await p.client()).call("service.get", { name: "job@worker" })).toEqual(before);
});

test("N129: what was set is there after an orderly end too, and after a reload", async () => {
  const p = project({ "flows/app.toml": KEEP });
  const first = await p.up();
  await set(await p.client(), { name: "job@worker", run: SLEEP });
  await p.rind("down");
  await first.ended;
  await p.up();
  await phaseOf(p, "job@worker", "running");
  const { pid } = await row(await p.client(), "job@worker");
  expect(await p.json("reload")).toMatchObject({ added: [], changed: [], removed: [] });
  expect(await row(await p.client(), "job@worker")).toMatchObject({ phase: "running", pid });
});

test("004-C8: RIND_SERVICES_PATH says where the services are stored", async () => {
  const p = project({ "flows/app.toml": KEEP });
  p.env["RIND_SERVICES_PATH"] = "elsewhere/deep";
  await p.up();
  const { file } = await set(await p.client(), { name: "job@worker", run: SLEEP });
  expect(file).toBe(join(p.folder, "elsewhere/deep/job@worker.toml"));
  expect(existsSync(file)).toBe(true);
});

test("a set leaves alone what else has changed on disk: that waits for a reload", async () => {
  const { p, client } = await daemon();
  const { pid } = await row(client, "app@keep");
  p.write("flows/app.toml", "this is no toml");
  await set(client, { name: "job@worker", run: SLEEP });
  await phaseOf(p, "job@worker", "running");
  expect(await row(client, "app@keep")).toMatchObject({ phase: "running", pid });
  expect((await p.rind("reload")).code).toBe(78);
  expect(await row(client, "job@worker")).toMatchObject({ phase: "running" });
});

test("004-E3: a disk that takes no file is an error, and the old one goes on", async () => {
  const { p, client, services } = await daemon();
  await set(client, { name: "job@worker", run: SLEEP });
  await phaseOf(p, "job@worker", "running");
  const before = await row(client, "job@worker");
  mkdirSync(join(services, "job@other.toml"));
  await expect(set(client, { name: "job@other", run: SLEEP })).rejects.toMatchObject({ code: "RIND_FILE_NOT_WRITTEN" });
  expect(stored(services)).toEqual(["job@other.toml", "job@worker.toml"]);
  if (!IS_ROOT) {
    chmodSync(services, 0o500);
    await expect(set(client, { name: "job@worker", run: ["sleep", "5"] })).rejects.toMatchObject({ code: "RIND_FILE_NOT_WRITTEN" });
    chmodSync(services, 0o700);
  }
  expect(await row(client, "job@worker")).toEqual(before);
});

test("a service of the unit files can be set over, and is back when that is deleted", async () => {
  const { p, client, services } = await daemon();
  const answer = await set(client, { name: "app@keep", run: ["sleep", "3000"] });
  expect(answer.replaced).toBe(true);
  await phaseOf(p, "app@keep", "running");
  expect(await client.call("service.delete", { name: "app@keep" })).toEqual({ removed: ["app@keep"], restored: ["app@keep"] });
  await phaseOf(p, "app@keep", "running");
  const { pid } = await row(client, "app@keep");
  expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toMatch(/sleep\u00001000\u0000$/);
  expect(stored(services)).toEqual([]);
});

test("a file that was edited by hand counts at the next reload", async () => {
  const { p, client, services } = await daemon();
  await set(client, { name: "job@worker", run: SLEEP });
  await phaseOf(p, "job@worker", "running");
  writeFileSync(join(services, "job@worker.toml"), '[[service]]\nname = "worker"\nrun = ["sleep", "2000"]\n');
  expect(await p.json("reload", "--restart")).toMatchObject({ changed: ["job@worker"] });
  await phaseOf(p, "job@worker", "running");
});

test("004-D3 to 004-D18, 004-D24 to 004-D26: service.get answers a service of zinit's shape in that shape, with all its defaults", async () => {
  const { client, services } = await daemon();
  const { name, file } = await set(client, { service: { name: "web", exec: "/bin/sleep 1000" } });
  expect({ name, file }).toEqual({ name: "web@web", file: join(services, "web.toml") });
  const service = { ...ZINIT_DEFAULTS.service, name: "web", exec: "/bin/sleep 1000" };
  expect(await client.call("service.get", { name: "web@web" })).toEqual({ ...ZINIT_DEFAULTS, service });
});

test("004-C1: the sections of zinit's shape may be the params themselves, as in its files", async () => {
  const { p, client } = await daemon();
  const params = { service: { name: "web", exec: "sleep 1000" }, lifecycle: { stop_timeout_ms: 500 } };
  await client.call("service.set", params);
  await phaseOf(p, "web@web", "running");
  expect(await client.call("service.get", { name: "web@web" })).toMatchObject({
    lifecycle: { ...ZINIT_DEFAULTS.lifecycle, stop_timeout_ms: 500 },
  });
});

test("what service.get answers can be set again, and is the same service", async () => {
  const { client, services } = await daemon();
  const native = {
    name: "job@worker",
    run: SLEEP,
    after: ["app@keep"],
    restart: { delay: "2s" },
    status: "stop",
    "stop-timeout-ms": 2_500,
  };
  const zinit = { service: { name: "web", exec: "sleep 1000", status: "stop", env: { A: "1" } }, dependencies: { wants: ["ghost"] } };
  for (const given of [native, zinit]) {
    const { name } = await set(client, given);
    const told = await client.call("service.get", { name });
    await set(client, told);
    expect(await client.call("service.get", { name })).toEqual(told);
  }
  expect(stored(services)).toEqual(["job@worker.toml", "web.toml"]);
  const unit = await client.call("service.get", { name: "app@keep" });
  expect(unit).toMatchObject({ name: "app@keep", status: "start", class: "user" });
});

test("004-V1, 004-V2, 004-V7: of zinit's shape unknown fields are passed over, and name and exec are asked for", async () => {
  const { client, services } = await daemon();
  await set(client, { service: { name: "web", exec: "sleep 1000", colour: "red" }, paint: {} });
  await expect(set(client, { service: { name: "web" }, lifecycle: {} })).rejects.toMatchObject({
    code: "RIND_SERVICE_FIELDS",
    message: expect.stringMatching(/exec/),
  });
  await expect(set(client, { service: { exec: "sleep 1" } })).rejects.toMatchObject({
    code: "RIND_SERVICE_FIELDS",
    message: expect.stringMatching(/name/),
  });
  expect(stored(services)).toEqual(["web.toml"]);
});

test("004-C2, 004-V3, 004-V5, 004-V6: of zinit's shape the executable is checked before the references", async () => {
  const { client, services } = await daemon();
  const ghost = { dependencies: { requires: ["ghost"] } };
  await expect(set(client, { service: { name: "web", exec: "/no/such x" }, ...ghost })).rejects.toMatchObject({
    code: "RIND_SERVICE_EXECUTABLE",
  });
  await expect(set(client, { service: { name: "web", exec: "sleep 1000" }, ...ghost })).rejects.toMatchObject({
    code: "RIND_SERVICE_REFERENCES",
    message: expect.stringMatching(/ghost/),
  });
  await expect(set(client, { service: { name: "web", exec: "sleep 1000" }, dependencies: { wants: ["web"] } })).rejects.toMatchObject({
    code: "RIND_SERVICE_REFERENCES",
  });
  expect(stored(services)).toEqual([]);
});

test("what requires a service that is replaced loses it, waits, and is back with the new one", async () => {
  const { p, client } = await daemon();
  await set(client, { name: "job@base", run: SLEEP });
  await set(client, { name: "job@top", run: SLEEP, requires: ["job@base"] });
  await phaseOf(p, "job@top", "running");
  const before = await row(client, "job@top");
  await set(client, { name: "job@base", run: ["sleep", "2000"] });
  await phaseOf(p, "job@base", "running");
  await phaseOf(p, "job@top", "running");
  const facts = await client.call("event.trace", { last: 1_000, name: "job@top" });
  const to = facts.flatMap((fact) => (fact.kind === "phase" && fact.instance === "job@top" ? [fact.to] : []));
  expect(to).toEqual(["blocked", "starting", "running", "stopping", "blocked", "starting", "running"].slice(-to.length));
  expect((await row(client, "job@top")).pid).not.toBe(before.pid);
});
