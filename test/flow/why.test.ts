import { expect, test } from "vitest";
import { any, branching, G, not, S, service, signal, state, V } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

const none = (...names: string[]) => names.map((name) => state(name, { payload: "none" }));

test("why of a service that is down names each condition, whether it holds, and what would start it", async () => {
  const decl = service("g@s", { startOn: [S("g@A"), any(S("g@B"), not(S("g@C"))), V("g@db")], stopOn: [S("g@M")] });
  const r = rig({ states: none("g@A", "g@B", "g@C", "g@M"), services: [decl, service("g@db", { startOn: [S("g@B")] })] });
  await r.set("g@C");
  await r.set("g@M");
  const why = r.api.why("g@s");
  expect(why.summary).toBe("g@s is inactive, and was never started");
  expect(why.conditions).toEqual([
    {
      key: "start-on",
      rows: [
        { text: "state g@A", holds: false, now: "not active", of: [] },
        {
          text: "any of",
          holds: false,
          now: "",
          of: [
            { text: "state g@B", holds: false, now: "not active", of: [] },
            { text: "not", holds: false, now: "", of: [{ text: "state g@C", holds: true, now: "null", of: [] }] },
          ],
        },
        { text: "service g@db is ready", holds: false, now: "g@db is inactive", of: [] },
      ],
    },
    { key: "stop-on", rows: [{ text: "state g@M", holds: true, now: "null", of: [] }] },
  ]);
  expect(why.would).toEqual([
    "an end of state g@M (stop-on), and state g@A, and one of: state g@B; an end of state g@C, and that service g@db is ready",
    "rind start g@s",
  ]);
});

test("why of a service that ran says with which event its phase came about", async () => {
  const r = rig({ states: none("g@A"), services: [service("g@s", { startOn: [S("g@A")] })] });
  await r.set("g@A");
  await r.unset("g@A");
  r.rest();
  const { summary, because } = r.api.why("g@s");
  expect(summary).toBe("g@s is exited: start-on no longer holds");
  expect(because[0]).toMatchObject({ kind: "outside", what: "rind unset g@A" });
  expect(because.at(-1)).toMatchObject({ kind: "phase", instance: "g@s", to: "exited" });
});

test("why of a service that waits says for what", () => {
  const r = rig({
    services: [service("g@s", { after: [{ service: "g@db", is: "ready" }] }), service("g@db", { startOn: [G("g@go")] })],
    signals: [signal("g@go")],
  });
  const { waiting, conditions } = r.api.why("g@s");
  expect(waiting).toEqual(["after: g@db is not ready (g@db is inactive)"]);
  expect(conditions).toEqual([{ key: "after", rows: [{ text: "service g@db is ready", holds: false, now: "g@db is inactive", of: [] }] }]);
  expect(r.api.why("g@db").would).toEqual(["an emit of g@go", "rind start g@db"]);
});

test("why of a branching service names its instances, of an instance only what it sees", async () => {
  const field = [{ target: "user", source: "user" }];
  const decl = service("g@s", { branching: branching("g@login", "user"), startOn: [S("g@ok")] });
  const r = rig({ states: [state("g@login", { branch: field }), state("g@ok", { branch: field })], services: [decl] });
  expect(r.api.why("g@s").would).toEqual(["a branch of g@login with user"]);
  await r.set("g@login", { user: "al" });
  await r.set("g@ok", { user: "bo" });
  expect(r.api.why("g@s").summary).toBe("g@s has 1 instance: al inactive");
  expect(r.api.why("g@s/al").conditions).toEqual([
    { key: "start-on", rows: [{ text: "state g@ok", holds: false, now: "not active", of: [] }] },
  ]);
});

test("why of a state says what it rests on, why of a signal when it was last emitted and by what", async () => {
  const states = [...none("g@A"), state("g@D", { payload: "none", after: [S("g@A")] })];
  const r = rig({ states, signals: [signal("g@x")] });
  expect(r.api.why("g@D")).toMatchObject({ summary: "g@D is not active", would: ["state g@A", "rind set g@D"] });
  await r.set("g@A");
  expect(r.api.why("g@D").summary).toBe("g@D is active: derived");
  await r.set("g@D");
  expect(r.api.why("g@D").summary).toBe("g@D is active: set by hand and derived");
  await r.emit("g@x");
  expect(r.api.why("g@x").because.map(({ kind }) => kind)).toEqual(["outside", "signal"]);
  expect(() => r.api.why("g@nothing")).toThrow("nothing is called g@nothing");
});

test("a set on a masked branch succeeds and says so; an unset of what is derived names what it rests on", async () => {
  const states = [...none("g@A", "g@M"), state("g@D", { after: [S("g@A")], stopOn: [S("g@M")] })];
  const r = rig({ states });
  await r.set("g@M");
  const masked = await r.set("g@D", { id: 1 });
  expect([masked.changed, masked.effects, masked.notes.length]).toEqual([true, [], 1]);
  expect(masked.notes[0]).toContain("g@D is masked");
  await r.unset("g@M");
  expect(r.branches("g@D")).toEqual([{ id: 1 }]);
  await r.set("g@A");
  const kept = await r.unset("g@D", { id: 7 });
  expect(kept.changed).toBe(false);
});

test("the answer to a change tells its effects in causal order", async () => {
  const states = [...none("g@A"), state("g@D", { payload: "none", after: [S("g@A")] })];
  const r = rig({
    states,
    signals: [signal("g@x", { after: [S("g@D")] })],
    services: [service("g@s", { startOn: [S("g@D")] }), service("g@t", { startOn: [G("g@x")] })],
  });
  const { effects } = await r.set("g@A");
  expect(effects).toEqual([
    { kind: "state.set", name: "g@A" },
    { kind: "state.set", name: "g@D" },
    { kind: "signal.emit", name: "g@x" },
    { kind: "service.start", name: "g@s" },
    { kind: "service.start", name: "g@t" },
  ]);
});

test("what follows from a loss is shown as its consequence, whatever the two are connected by", async () => {
  const needed = { service: "g@db", is: "ready", onLoss: "stop" } as const;
  const r = rig({ services: [service("g@db"), service("g@api", { requires: [needed] })] });
  const stopped = r.api.stop(["g@db"], { force: false });
  r.rest();
  await stopped;
  const facts = r.api.trace({ last: 1_000, name: "g@api" });
  const ids = new Set(facts.map(({ id }) => id));
  const decided = facts.filter(({ kind }) => kind === "request" || kind === "phase");
  expect(decided.filter(({ cause }) => !cause.some((id) => ids.has(id)))).toEqual([]);
  const { because } = r.api.why("g@api");
  expect(because[0]).toMatchObject({ kind: "outside", what: "rind stop g@db" });
  for (const [at, { cause }] of because.slice(1).entries()) expect(cause).toContain(because[at]?.id);
});

test("what Rind keeps itself is said to be so, and nobody is told to set it", () => {
  const r = rig({ services: [service("g@s")] });
  expect(r.api.why("rind@up").summary).toBe("rind@up is active: kept by Rind");
  expect(r.api.why("rind@degraded").would).toEqual([]);
  expect(r.api.why("rind@boot").would).toEqual([]);
});

test("a signal that is set and a state that is emitted get the other verb as a hint; unknown names are told, not waited for", () => {
  const r = rig({ states: none("g@A"), signals: [signal("g@x")] });
  expect(() => r.set("g@x")).toThrow(expect.objectContaining({ hint: "it is a signal: rind emit g@x" }));
  expect(() => r.emit("g@A")).toThrow(expect.objectContaining({ hint: "it is a state: rind set g@A" }));
  expect(() => r.api.trace({ last: 10, name: "g@nope" })).toThrow("nothing is called g@nope");
  expect(() => r.api.followEvents(["g@nope"], () => {})).toThrow("nothing is called g@nope");
});

test("why says what would really start it: the end of a stop-on alone brings back only what that took down", async () => {
  const r = rig({
    states: [...none("g@M", "g@A"), state("g@s")],
    services: [
      service("g@held", { stopOn: [S("g@M")] }),
      service("g@ended", { stopOn: [S("g@M")] }),
      service("g@risen", { startOn: [S("g@A")], stopOn: [S("g@M")] }),
      service("g@many", { branching: branching("g@s", "id") }),
    ],
  });
  await r.set("g@s", { id: "1" });
  await r.set("g@A");
  r.launcher.exit("g@ended", 0);
  r.launcher.exit("g@risen", 0);
  await r.set("g@M");
  r.rest();
  expect(r.api.why("g@held").would).toEqual(["an end of state g@M (stop-on)", "rind start g@held"]);
  expect(r.api.why("g@ended").would).toEqual(["rind start g@ended"]);
  expect(r.api.why("g@risen").would).toEqual([
    "start-on holds already: only a new rise of it does (something in it ends and comes again)",
    "rind start g@risen",
  ]);
  const stopped = r.api.stop(["g@many"], { force: false });
  r.rest();
  await stopped;
  expect(r.api.why("g@many/1").would).toEqual(["rind start g@many/1"]);
});

test("the summary of a service that is blocked says for what it waits, not why it was to start", () => {
  const r = rig({ services: [service("g@a", { after: [{ service: "g@b", is: "ready" }] }), service("g@b", { status: "stop" })] });
  expect(r.api.why("g@a").summary).toBe("g@a is blocked: waits for after: g@b is not ready (g@b is inactive)");
});
