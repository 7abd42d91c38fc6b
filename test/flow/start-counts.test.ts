import { expect, test } from "vitest";
import type { StoreWrite } from "../../src/persist/store.ts";
import { G, service } from "../support/decls.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { rig } from "../support/rig.ts";

/** What a start costs, in numbers that no other load on the machine changes. */

class CountingStore extends MemoryStore {
  appends = 0;
  writes = 0;

  override append(writes: readonly StoreWrite[]): void {
    this.appends++;
    this.writes += writes.length;
    super.append(writes);
  }
}

/** Facts, appends and writes of a boot with so many services that all start, and of the stop of all. */
async function counts(services: number) {
  const store = new CountingStore();
  const r = rig({ services: Array.from({ length: services }, (_, i) => service(`g@s${i}`, { startOn: [G("rind@boot")] })) }, { store });
  const { history, instances, demands } = r.supervisor;
  await r.supervisor.boot();
  expect([...instances.all()].filter(({ phase }) => phase === "running").length).toBe(services);
  const booted = { facts: history.nextId, appends: store.appends, writes: store.writes };
  await r.supervisor.transact("stop", (cause) => {
    for (const instance of instances.all()) demands.hand(instance, "stop", { force: false, cause, reason: "stop" });
  });
  return { booted, stopping: { facts: history.nextId - booted.facts, appends: store.appends - booted.appends } };
}

test("a start is six facts and one write, whatever else starts; a stop of all is one append", async () => {
  const [few, many] = [await counts(10), await counts(110)];
  const perService = (of: (count: Awaited<ReturnType<typeof counts>>) => number): number => (of(many) - of(few)) / 100;
  // one fact more: boot says that each is inactive
  expect(perService(({ booted }) => booted.facts)).toBe(7);
  expect(perService(({ booted }) => booted.writes)).toBe(1);
  expect(perService(({ stopping }) => stopping.facts)).toBe(3);
  expect(many.stopping.appends).toBe(1);
});
