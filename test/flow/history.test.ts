import { expect, test } from "vitest";
import type { Json } from "../../src/model/json.ts";
import { service, signal, state } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

test("of a large payload history keeps the beginning, while who listens gets the whole", async () => {
  const r = rig({ states: [state("g@A")], signals: [signal("g@x")] });
  const heard: Json[] = [];
  r.supervisor.bus.signal("g@x").subscribe(({ payload }) => heard.push(payload));
  const large = "x".repeat(100_000);
  await r.emit("g@x", large);
  await r.set("g@A", { id: 1, large });
  expect(heard).toEqual([large]);
  expect(r.branches("g@A")).toEqual([{ id: 1, large }]);
  const texts = r.api.trace({ last: 100, name: undefined }).map((fact) => JSON.stringify(fact).length);
  expect(Math.max(...texts)).toBeLessThan(1_000);
});

test("history forgets the oldest, and a chain ends where it is forgotten", async () => {
  const r = rig({ states: [state("g@A")] });
  for (let i = 0; i < 9_000; i++) await r.set("g@A", { id: 1, i });
  const facts = r.api.trace({ last: 1_000_000, name: undefined });
  expect(facts.length).toBeGreaterThan(8_000);
  expect(facts.length).toBeLessThan(8_193);
  expect(facts.at(-1)).toMatchObject({ kind: "state", after: { id: 1, i: 8_999 } });
});

test("of a hidden state history keeps that it came, changed or went, and no payload", async () => {
  const r = rig({ services: [service("g@a"), service("g@b", { after: [{ service: "g@a", is: "ready" }] })] });
  r.launcher.exit("g@a", 1);
  const hidden = r.supervisor.history.last(1_000, (fact) => fact.kind === "state" && fact.name.startsWith("~"));
  const payloads = hidden.flatMap((fact) => (fact.kind === "state" ? [fact.before, fact.after] : []));
  expect(payloads.length).toBeGreaterThan(0);
  expect(payloads.filter((payload) => payload !== null && payload !== undefined)).toEqual([]);
});
