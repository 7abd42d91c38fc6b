import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { connectControl } from "../../src/control/client.ts";
import { processStart } from "../../src/process/start-times.ts";
import { printed, project } from "./daemon-rig.ts";
import { RIND, RUNNER, run } from "./program.ts";

const KILLS = 200;
const STATE = '[settings]\non-empty = "wait"\n[[state]]\nname = "n"\n';

test("killed with SIGKILL at any moment while a client sets states, the daemon comes back with every acknowledged set and no half change", async () => {
  const p = project({ "flows/g.toml": STATE });
  const acknowledged = new Map<number, number>();
  let value = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const daemon = run(RUNNER, [RIND, "up", "--quiet"], { cwd: p.folder, env: p.env });
    const client = await whenServed(p.socket, daemon.ended);
    const stored = await client.call("flow.get", { name: "g@n" });
    const found = new Map(stored.map((payload) => [(payload as { id: number }).id, payload as { a: number; b: number }]));
    for (const [id, least] of acknowledged) {
      const branch = found.get(id);
      expect(branch?.a, `branch ${id} after kill ${kill}`).toBeGreaterThanOrEqual(least);
      expect(branch?.b).toBe(branch?.a);
    }
    let ended = false;
    const timer = setTimeout(() => {
      ended = true;
      daemon.child.kill("SIGKILL");
    }, Math.random() * 40);
    const sender = async (): Promise<void> => {
      while (!ended) {
        const own = ++value;
        const id = own % 50;
        await client.call("flow.set", { name: "g@n", payload: { id, a: own, b: own } });
        acknowledged.set(id, Math.max(acknowledged.get(id) ?? 0, own));
      }
    };
    await Promise.allSettled([sender(), sender(), sender(), sender()]);
    clearTimeout(timer);
    await daemon.ended;
    client.close();
  }
  expect(acknowledged.size).toBe(50);
}, 240_000);

test("what a daemon that was killed has left running is ended before its successor starts the same", async () => {
  const p = project({
    "flows/g.toml": '[[service]]\nname = "s"\nrun.shell = "trap \'exit 0\' TERM; echo up; while :; do sleep 1; done"\n',
  });
  const first = await p.up();
  const { pid } = (await p.json("status", "g@s")) as { pid: number };
  first.child.kill("SIGKILL");
  await first.ended;
  const second = await p.up();
  expect(second.err()).toMatch(new RegExp(`"pid":${pid},.*a daemon that died had left it running`));
  const row = (await p.json("status", "g@s")) as { pid: number; phase: string };
  expect(row.phase).toBe("running");
  expect(row.pid).not.toBe(pid);
  expect(processStart(pid)).toBeUndefined();
});

test("102: a flipped byte in the state file leaves an empty state, a warning, and the bad file aside", async () => {
  const p = project({ "flows/g.toml": STATE });
  const first = await p.up();
  await p.rind("set", "g@n", "id=1");
  await p.rind("down");
  await first.ended;
  const bytes = readFileSync(p.statePath);
  const at = bytes.indexOf("g@n");
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(p.statePath, bytes);
  const second = await p.up();
  expect(second.err()).toMatch(/"level":"warn".*corrupt/);
  expect(readdirSync(p.folder).some((file) => file.startsWith("state.corrupt-"))).toBe(true);
  expect(await p.json("get", "g@n")).toEqual([]);
  await printed(second, "err", /rind is up/);
});

async function whenServed(socket: string, ended: Promise<unknown>): ReturnType<typeof connectControl> {
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  for (let tries = 0; tries < 2_000 && !gone; tries++) {
    try {
      const client = await connectControl(socket);
      await client.call("system.info", {});
      return client;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  throw new Error("the daemon does not answer");
}
