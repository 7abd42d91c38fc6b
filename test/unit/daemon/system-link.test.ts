import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { SharedNews } from "../../../src/control/api.ts";
import { serveControl } from "../../../src/control/server.ts";
import { SystemLink } from "../../../src/daemon/system-link.ts";
import { RindError } from "../../../src/errors/rind-error.ts";
import { Turns } from "../../../src/lib/turns.ts";
import type { Json } from "../../../src/model/json.ts";
import { rig } from "../../support/rig.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { fakeApi } from "../control/fake-api.ts";

type Tell = (news: SharedNews) => void;

function all(payload: Json): SharedNews {
  const branches = [{ key: "", payload }];
  return { kind: "all", states: [{ name: "sys@level", payload: "any", identity: [], branches }], signals: [] };
}

function step(payload: Json): SharedNews {
  return { kind: "step", what: "", changes: [{ kind: "state", name: "sys@level", key: "", payload }] };
}

/** A daemon at `path` that says `first` to each who subscribes; `tell` says more to the one who came last. */
async function systemAt(path: string, first: (visit: number, tell: Tell) => void) {
  let visits = 0;
  let last: Tell = () => {};
  const { api } = fakeApi({
    followShared: (onNews) => {
      last = onNews;
      first(++visits, onNews);
      return () => {};
    },
  });
  const server = await serveControl({ path, api, onFault: () => {} });
  onTestFinished(() => server.close());
  return { close: () => server.close(), visits: () => visits, tell: (news: SharedNews) => last(news) };
}

/** The supervisor of a user, linked to what is at `path`. */
async function linkedTo(path: string) {
  const link = await SystemLink.open(path, new AbortController().signal);
  const user = rig({ imports: link.imports }, { mirrored: link.mirrored });
  const following = link.follow(user.supervisor, { units: user.unitSource, unitChanges: new Turns() });
  onTestFinished(async () => {
    link.close();
    await following;
  });
  return {
    user,
    level: () => user.branches("sys@level")[0],
    degraded: () => user.branches("rind@degraded").length,
  };
}

const socket = (): string => join(tempFolder(), "run", "s");
const BOUND = { timeout: 20_000 };

test("what is said after the first is taken over in order", async () => {
  const path = socket();
  const system = await systemAt(path, (_, tell) => tell(all(0)));
  const { level, user } = await linkedTo(path);
  expect(level()).toBe(0);
  for (const value of [1, 2, 3]) system.tell(step(value));
  await expect.poll(level, BOUND).toBe(3);
  const values = user.api.trace({ last: 100, name: "sys@level" }).flatMap((fact) => (fact.kind === "state" ? [fact.after] : []));
  expect(values).toEqual([0, 1, 2, 3]);
});

test("what is said at once with the first is not lost", async () => {
  const path = socket();
  await systemAt(path, (_, tell) => {
    tell(all(0));
    tell(step(1));
  });
  const { level } = await linkedTo(path);
  await expect.poll(level, BOUND).toBe(1);
});

test("a daemon that goes leaves its states and a word about it, until another serves the socket", async () => {
  const path = socket();
  const system = await systemAt(path, (_, tell) => tell(all("old")));
  const { level, degraded, user } = await linkedTo(path);
  await system.close();
  await expect.poll(degraded, BOUND).toBe(1);
  expect(user.branches("rind@degraded")).toMatchObject([{ item: "system", message: expect.stringContaining("stand as they were") }]);
  expect(level()).toBe("old");
  await systemAt(path, (_, tell) => tell(all("new")));
  await expect.poll(level, BOUND).toBe("new");
  await expect.poll(degraded, BOUND).toBe(0);
});

test("the daemon is found again where the folder of its socket was made anew", async () => {
  const path = socket();
  const system = await systemAt(path, (_, tell) => tell(all("old")));
  const { level, degraded } = await linkedTo(path);
  await system.close();
  rmSync(dirname(path), { recursive: true });
  await expect.poll(degraded, BOUND).toBe(1);
  await systemAt(path, (_, tell) => tell(all("new")));
  await expect.poll(level, BOUND).toBe("new");
});

test("what was missed for being slow is told anew", async () => {
  const path = socket();
  const large = "x".repeat(100_000);
  const system = await systemAt(path, (visit, tell) => {
    tell(all(visit));
    if (visit === 1) for (let i = 0; i < 100; i++) tell(step(large));
  });
  const { level, degraded } = await linkedTo(path);
  await expect.poll(level, BOUND).toBe(2);
  expect(system.visits()).toBe(2);
  expect(degraded()).toBe(0);
});

test("what cannot be taken ends nothing", async () => {
  const path = socket();
  const system = await systemAt(path, (_, tell) => tell(all(0)));
  const { level } = await linkedTo(path);
  system.tell({ kind: "step", what: "", changes: [{ kind: "state", name: "no@such", key: "", payload: 1 }] });
  system.tell(step(2));
  await expect.poll(level, BOUND).toBe(2);
});

test("a daemon that says something else first is refused", async () => {
  const path = socket();
  await systemAt(path, (_, tell) => tell(step(1)));
  await expect(SystemLink.open(path, new AbortController().signal)).rejects.toThrow("does not say which states it has");
});

test("who is asked to end does not wait for a daemon that says nothing", async () => {
  const path = socket();
  await systemAt(path, () => {});
  const asked = new AbortController();
  const opening = SystemLink.open(path, asked.signal);
  setImmediate(() => asked.abort());
  await expect(opening).rejects.toThrow(RindError);
});
