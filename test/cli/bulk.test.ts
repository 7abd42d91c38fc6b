import { expect, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { phaseOf } from "./await-phase.ts";
import { type Project, project } from "./daemon-rig.ts";

const UNITS = `
[[service]]
name = "one"
run = ["sleep", "1000"]
[[service]]
name = "two"
run = ["sleep", "1000"]
[[service]]
name = "guard"
class = "system"
run = ["sleep", "1000"]
[[service]]
name = "off"
run = ["sleep", "1000"]
status = "stop"
`;

async function phases(p: Project): Promise<Record<string, string>> {
  const { services } = (await p.json("list")) as { services: ServiceRow[] };
  return Object.fromEntries(services.map(({ name, phase }) => [name.replace("app@", ""), phase]));
}

async function up(): Promise<Project> {
  const p = project({ "flows/app.toml": UNITS });
  await p.up();
  for (const name of ["one", "two", "guard"]) await phaseOf(p, `app@${name}`, "running");
  return p;
}

test("N133, 004-S4, 004-S5: stop-all stops the services of class user, and the system one still runs", async () => {
  const p = await up();
  const client = await p.client();
  const stopped = await client.call("service.stop_all", {});
  expect(stopped.map(({ name }) => name).sort()).toEqual(["app@off", "app@one", "app@two"]);
  expect(await phases(p)).toEqual({ one: "exited", two: "exited", guard: "running", off: "inactive" });
});

test("N133: start-all starts those of class user that are to run, and leaves the system one and what is declared to be down", async () => {
  const p = await up();
  const client = await p.client();
  await client.call("service.stop_all", {});
  await client.call("service.stop", { names: ["app@guard"] });
  await client.call("service.start_all", {});
  expect(await phases(p)).toEqual({ one: "running", two: "running", guard: "exited", off: "inactive" });
});

test("N133: rind stop, start and restart --all are the same", async () => {
  const p = await up();
  await p.rind("stop", "--all");
  expect(await phases(p)).toEqual({ one: "exited", two: "exited", guard: "running", off: "inactive" });
  await p.rind("start", "--all");
  expect(await phases(p)).toEqual({ one: "running", two: "running", guard: "running", off: "inactive" });
  const before = (await p.json("status", "app@one")) as ServiceRow;
  await p.rind("restart", "--all");
  await phaseOf(p, "app@one", "running");
  expect(((await p.json("status", "app@one")) as ServiceRow).pid).not.toBe(before.pid);
  expect(await phases(p)).toMatchObject({ guard: "running", off: "inactive" });
});

test("004-S6: a system service stops when it is asked by name", async () => {
  const p = await up();
  expect((await p.rind("stop", "app@guard")).code).toBe(0);
  expect(await phases(p)).toMatchObject({ guard: "exited", one: "running" });
});

test("004-S2, 004-S3: what is declared to be down starts by name only", async () => {
  const p = await up();
  await p.rind("start", "app@off");
  await phaseOf(p, "app@off", "running");
  await p.rind("restart", "--all");
  await phaseOf(p, "app@off", "running");
  await p.rind("stop", "--all");
  expect(await phases(p)).toMatchObject({ off: "exited" });
});
