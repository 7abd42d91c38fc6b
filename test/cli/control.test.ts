import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectControl } from "../../src/control/client.ts";
import { phaseOf } from "./await-phase.ts";
import { printed, project } from "./daemon-rig.ts";
import { RIND, RUNNER, run } from "./program.ts";

/** One that is down, and one that keeps the daemon from ending by itself. */
const SLEEPER = `
[[service]]
name = "sleeper"
run = ["sleep", "1000"]
status = "stop"
[[service]]
name = "keep"
run = ["sleep", "1000"]
`;

test("N134: of two daemons that start at the same moment on one state exactly one goes on, and the other says who holds it", async () => {
  const p = project({ "flows/app.toml": SLEEPER });
  for (let round = 0; round < 5; round++) {
    const begin = (socket: string) => run(RUNNER, [RIND, "up"], { cwd: p.folder, env: { ...p.env, RIND_SOCKET: join(p.folder, socket) } });
    const both = [begin("one"), begin("two")];
    const lost = await Promise.race(both.map(async (daemon) => ({ daemon, code: await daemon.ended })));
    const owner = both.find((daemon) => daemon !== lost.daemon);
    expect(lost.code).toBe(1);
    expect(lost.daemon.err()).toMatch(/state is in use by another daemon \(pid \d+\)/);
    if (owner === undefined) throw new Error("both have ended");
    await printed(owner, "err", /"rind is up"/);
    expect(lost.daemon.err()).toContain(`(pid ${owner.child.pid})`);
    owner.child.kill("SIGINT");
    expect(await owner.ended).toBe(0);
  }
});

test("N136: a client that asked for a start and goes: the start completes", async () => {
  const p = project({
    "flows/app.toml": `${SLEEPER}[[service]]\nname = "slow"\nrun.shell = "sleep 0.3; touch done; exec sleep 1000"\nstatus = "stop"\n`,
  });
  await p.up();
  const client = await connectControl(p.socket);
  const answer = client.call("service.start", { names: ["app@slow"] }).catch((error: unknown) => error);
  await phaseOf(p, "app@slow", "running").finally(() => client.close());
  await answer;
  while (!existsSync(join(p.folder, "done"))) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await p.json("status", "app@slow")).toMatchObject({ phase: "running" });
});

test("N136: a client that goes before it has an answer: what it asked for is done", async () => {
  const p = project({ "flows/app.toml": SLEEPER });
  await p.up();
  const client = await connectControl(p.socket);
  const answer = client.call("service.start", { names: ["app@sleeper"] }).catch((error: unknown) => error);
  // the call is on its way in the kernel before the end of the connection is
  await new Promise((resolve) => setImmediate(resolve));
  client.close();
  await answer;
  await phaseOf(p, "app@sleeper", "running");
});

test("N137: an unknown name is an error that tells the names that there are", async () => {
  const p = project({ "flows/app.toml": `${SLEEPER}[[service]]\nname = "other"\nrun = ["true"]\nstatus = "stop"\n` });
  await p.up();
  const near = await p.rind("start", "app@sleper");
  expect(near).toMatchObject({ code: 66, err: expect.stringMatching(/no service app@sleper.*did you mean app@sleeper\?/) });
  for (const verb of ["start", "stop", "restart", "kill", "status", "stats"]) {
    const { code, err } = await p.rind(verb, "web@xyz");
    expect({ verb, code, err }).toMatchObject({
      code: 66,
      err: expect.stringMatching(/no service web@xyz.*app@keep, app@other, app@sleeper/),
    });
  }
});

test("N81: while the daemon goes down it refuses to start, set and delete anything", async () => {
  const stubborn =
    '[[service]]\nname = "stubborn"\nrun.shell = "trap \'\' TERM; touch armed; while :; do sleep 0.1; done"\nstop-timeout = "3s"\n';
  const p = project({ "flows/app.toml": SLEEPER + stubborn });
  await p.up();
  while (!existsSync(join(p.folder, "armed"))) await new Promise((resolve) => setTimeout(resolve, 10));
  const client = await p.client();
  const down = client.call("system.down", {});
  await phaseOf(p, "app@stubborn", "stopping");
  const refused = { code: "RIND_REJECTED", message: expect.stringMatching(/shutdown is under way/) };
  await expect(client.call("service.start", { names: ["app@sleeper"] })).rejects.toMatchObject(refused);
  await expect(client.call("service.restart", { names: ["app@sleeper"] })).rejects.toMatchObject(refused);
  await expect(client.call("service.start_all", {})).rejects.toMatchObject(refused);
  const service = { name: "job@new", run: ["sleep", "1000"] };
  await expect(client.call("service.set", { service })).rejects.toMatchObject(refused);
  expect(existsSync(join(p.folder, "services"))).toBe(false);
  await client.call("service.stop", { names: ["app@stubborn"], force: true });
  await down;
});

test("an error has a stable code, a message, what would be right, and the cause", async () => {
  const p = project({ "flows/app.toml": SLEEPER });
  await p.up();
  const client = await p.client();
  const error = await client.call("service.kill", { names: ["app@sleeper"] }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: "RIND_REJECTED",
    message: "app@sleeper has no process",
    hint: "rind status app@sleeper says how it is",
  });
});
