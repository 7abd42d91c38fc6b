import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ControlClient } from "../../src/control/client.ts";
import type { Json } from "../../src/model/json.ts";
import { phaseOf } from "./await-phase.ts";
import { type Project, project } from "./daemon-rig.ts";

/** Keeps the daemon from ending by itself. */
const KEEP = '[[service]]\nname = "keep"\nrun = ["sleep", "1000"]\n';
const SLEEP = ["sleep", "1000"];

interface Daemon {
  readonly p: Project;
  readonly client: ControlClient;
  stored(): string[];
  names(): Promise<string[]>;
}

async function daemon(units: string, services: readonly Json[]): Promise<Daemon> {
  const p = project({ "flows/app.toml": units });
  await p.up();
  const client = await p.client();
  for (const service of services) await client.call("service.set", { service });
  const folder = join(p.folder, "services");
  return {
    p,
    client,
    stored: () => (existsSync(folder) ? readdirSync(folder).sort() : []),
    names: async () => (await client.call("service.list", {})).map(({ name }) => name),
  };
}

test("N42, 004-P4: deleting a service removes what requires it, however far, and lists all of them", async () => {
  const { p, client, stored, names } = await daemon(KEEP, [
    { name: "job@base", run: SLEEP },
    { name: "job@middle", run: SLEEP, requires: ["job@base"] },
    { name: "job@top", run: SLEEP, requires: ["job@middle"] },
    { name: "job@wanting", run: SLEEP, wants: ["job@base"] },
  ]);
  await phaseOf(p, "job@top", "running");
  expect(await client.call("service.delete", { name: "job@base" })).toEqual({
    removed: ["job@base", "job@middle", "job@top"],
    restored: [],
  });
  expect(await names()).toEqual(["app@keep", "job@wanting"]);
  expect(stored()).toEqual(["job@wanting.toml"]);
  expect(await p.json("status", "job@wanting")).toMatchObject({ phase: "running" });
});

test("what is deleted stops in order and with grace", async () => {
  const says = (word: string) => ({
    shell: `trap "sleep 0.2; echo ${word} >> order; exit 0" TERM; echo up >> ${word}; while :; do sleep 0.05; done`,
  });
  const { p, client } = await daemon(KEEP, [
    { name: "job@base", run: says("base") },
    { name: "job@top", run: says("top"), requires: ["job@base"] },
  ]);
  await phaseOf(p, "job@top", "running");
  while (!existsSync(join(p.folder, "top"))) await new Promise((resolve) => setTimeout(resolve, 10));
  await client.call("service.delete", { name: "job@base" });
  expect(readFileSync(join(p.folder, "order"), "utf8")).toBe("top\nbase\n");
});

test("a service of the unit files is not deleted: the error names its file and line", async () => {
  const { p, client, names } = await daemon(KEEP, []);
  await expect(client.call("service.delete", { name: "app@keep" })).rejects.toMatchObject({
    message: expect.stringMatching(/^app@keep is declared in .*flows\/app\.toml:1$/),
    hint: "remove it there, then: rind reload",
  });
  expect(await names()).toEqual(["app@keep"]);
  expect(await p.json("status", "app@keep")).toMatchObject({ phase: "running" });
});

test("where what requires it is of the unit files nothing is deleted", async () => {
  const p = project({ "flows/app.toml": KEEP });
  await p.up();
  const client = await p.client();
  await client.call("service.set", { service: { name: "job@base", run: SLEEP } });
  p.write("flows/app.toml", `${KEEP}requires = ["job@base"]\n`);
  await p.json("reload");
  await expect(client.call("service.delete", { name: "job@base" })).rejects.toMatchObject({
    message: expect.stringMatching(/^app@keep, which requires job@base, is declared in .*flows\/app\.toml:1$/),
  });
  expect(readdirSync(join(p.folder, "services"))).toEqual(["job@base.toml"]);
  expect(await p.json("status", "job@base")).toMatchObject({ phase: "running" });
});

test("where something that stays refers to it nothing is deleted, and the error says what", async () => {
  const { p, client, stored } = await daemon(KEEP, [
    { name: "job@base", run: SLEEP },
    { name: "job@later", run: SLEEP, after: ["job@base"] },
  ]);
  await expect(client.call("service.delete", { name: "job@base" })).rejects.toMatchObject({
    message: expect.stringMatching(/services\/job@later\.toml:\d+:\d+: .*job@base/),
  });
  expect(stored()).toEqual(["job@base.toml", "job@later.toml"]);
  expect(await p.json("status", "job@base")).toMatchObject({ phase: "running" });
});

test("what was deleted stays away after the daemon was killed", async () => {
  const p = project({ "flows/app.toml": KEEP });
  const first = await p.up();
  const client = await p.client();
  await client.call("service.set", { service: { name: "job@worker", run: SLEEP } });
  await client.call("service.delete", { name: "job@worker" });
  first.child.kill("SIGKILL");
  await first.ended;
  await p.up();
  expect((await (await p.client()).call("service.list", {})).map(({ name }) => name)).toEqual(["app@keep"]);
});

test("N133: delete-all removes what was set but the services of class system", async () => {
  const { client, stored, names } = await daemon(KEEP, [
    { name: "job@one", run: SLEEP },
    { name: "job@two", run: SLEEP },
    { name: "job@guard", run: SLEEP, class: "system" },
  ]);
  expect(await client.call("service.delete_all", {})).toEqual({ removed: ["job@one", "job@two"], restored: [] });
  expect(await names()).toEqual(["app@keep", "job@guard"]);
  expect(stored()).toEqual(["job@guard.toml"]);
});

test("a service that there is not cannot be deleted", async () => {
  const { client } = await daemon(KEEP, []);
  await expect(client.call("service.delete", { name: "job@none" })).rejects.toMatchObject({ code: "RIND_UNDECLARED" });
});
