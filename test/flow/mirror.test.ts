import { expect, test } from "vitest";
import type { SharedNews } from "../../src/control/api.ts";
import { Turns } from "../../src/lib/turns.ts";
import type { UnitSet } from "../../src/model/unit-set.ts";
import { type AllShared, branchesOf, importsOf, Mirror } from "../../src/supervisor/mirror.ts";
import { followShared } from "../../src/supervisor/shared.ts";
import { branching, G, not, S, service, signal, state } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

type Rig = ReturnType<typeof rig>;

/** The daemon of a user beside that of the system; what the one says comes to the other when `news` are taken. */
async function linked(system: Rig, units: Partial<UnitSet>, { again = () => {} }: { readonly again?: () => void } = {}) {
  const all = allOf(system);
  const imports = importsOf(all);
  const user = rig({ ...units, imports }, { mirrored: branchesOf(all) });
  const waiting: SharedNews[] = [];
  followShared(system.supervisor, (news) => waiting.push(news));
  waiting.shift();
  let source = user.unitSource;
  const mirror = new Mirror(user.supervisor, {
    units: { ...source, loadImporting: (names) => source.loadImporting(names) },
    unitChanges: new Turns(),
    imports,
    again,
  });
  return {
    user,
    mirror,
    waiting,
    /** The units here do not go together with any other names, for this reason. */
    refuse: (text: string) => {
      const [file = "", line, column, message = ""] = text.split(":").map((part) => part.trim());
      const diagnostic = { severity: "error" as const, file, line: Number(line), column: Number(column), message, hint: "" };
      source = {
        ...source,
        loadImporting: () =>
          Promise.resolve({ units: undefined, program: undefined, diagnostics: [diagnostic], inForce: () => Promise.resolve([]) }),
      };
    },
    news: async () => {
      for (const news of waiting.splice(0)) await mirror.take(news);
    },
  };
}

function launches({ launcher }: Rig): string[] {
  return launcher.launched.map(({ plan }) => plan.instance);
}

/** All that a system says at this moment. */
function allOf({ supervisor }: Rig): AllShared {
  const news: SharedNews[] = [];
  followShared(supervisor, (one) => news.push(one))();
  const [all] = news;
  if (all?.kind !== "all") throw new Error("all comes first");
  return all;
}

const NET = [
  state("net@online", { payload: "none" }),
  state("disk@there"),
  state("sys@secret", { permissions: [{ kind: "gid", gid: 5 }] }),
];
const SIGNALS = [signal("sys@backup"), signal("sys@alarm", { permissions: [{ kind: "gid", gid: 5 }] })];

test("what the system lists no permissions for is imported, and nothing that each daemon has for itself", () => {
  const imports = importsOf(allOf(rig({ states: NET, signals: SIGNALS })));
  expect(imports.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
    "signal sys@backup",
    "state disk@there",
    "state net@online",
    "state rind@active-session",
    "state rind@user-login",
    "state rind@user-session",
  ]);
});

test("a state that is set in the system starts and stops the service of a user", async () => {
  const system = rig({ states: NET });
  const { user, news } = await linked(system, { services: [service("my@sync", { startOn: [S("net@online")] })] });
  await system.set("net@online");
  await news();
  expect(user.up()).toEqual(["my@sync"]);
  await system.unset("net@online");
  await news();
  expect(user.phase("my@sync")).toBe("stopping");
});

test("the cause of what follows here is what happened in the system", async () => {
  const system = rig({ states: NET });
  const { user, news } = await linked(system, {});
  await system.set("net@online");
  await news();
  expect(user.api.trace({ last: 2, name: undefined }).map((fact) => ("what" in fact ? fact.what : fact.kind))).toEqual([
    "system: rind set net@online",
    "state",
  ]);
});

test("a daemon that begins finds the states of the system as they are, before anything is judged", async () => {
  const system = rig({ states: NET });
  await system.set("net@online");
  const { user } = await linked(system, {
    services: [service("my@online", { startOn: [S("net@online")] }), service("my@offline", { startOn: [not(S("net@online"))] })],
  });
  expect(launches(user)).toEqual(["my@online"]);
});

test("branches keep their identity: a branching service here has an instance for each branch there", async () => {
  const system = rig({ states: [state("disk@there", { branch: [{ target: "dev", source: "dev" }] })] });
  const { user, news } = await linked(system, {
    services: [service("my@index", { branching: branching("disk@there", "dev") })],
  });
  await system.set("disk@there", { dev: "sda", size: 1 });
  await system.set("disk@there", { dev: "sdb", size: 2 });
  await system.set("disk@there", { dev: "sda", size: 3 });
  await system.unset("disk@there", { dev: "sdb" });
  await news();
  expect(user.branches("disk@there")).toEqual([{ dev: "sda", size: 3 }]);
  expect(launches(user)).toEqual(["my@index/sda", "my@index/sdb"]);
});

test("a signal of the system is emitted here once, with its payload", async () => {
  const system = rig({ signals: SIGNALS });
  const { user, news } = await linked(system, { signals: [signal("my@done", { after: [G("sys@backup")] })] });
  await system.emit("sys@backup", { id: 1 });
  await system.emit("sys@alarm");
  await news();
  const signals = user.api
    .trace({ last: 100, name: undefined })
    .flatMap((fact) => (fact.kind === "signal" ? [[fact.name, fact.payload]] : []));
  expect(signals.filter(([name]) => name !== "rind@boot")).toEqual([
    ["sys@backup", { id: 1 }],
    ["my@done", { id: 1 }],
  ]);
});

test("a pulse of the system is a pulse here", async () => {
  const states = [state("net@online", { payload: "none" })];
  const hook = { when: "always" as const, kind: "unset" as const, state: "net@online", filter: undefined };
  const system = rig({ states, services: [service("sys@cut", { startOn: [S("net@online")], onStart: [hook] })] });
  const { user, news } = await linked(system, { services: [service("my@sync", { startOn: [S("net@online")] })] });
  await system.set("net@online");
  expect(system.branches("net@online")).toEqual([]);
  await news();
  expect(launches(user)).toEqual(["my@sync"]);
});

test("what is the system's can be neither set nor unset nor emitted here", async () => {
  const system = rig({ states: NET, signals: SIGNALS });
  await system.set("net@online");
  const { user } = await linked(system, {});
  const refused = { code: "RIND_NOT_PERMITTED", exitCode: 77 };
  for (const attempt of [() => user.set("disk@there", { id: 1 }), () => user.unset("net@online"), () => user.emit("sys@backup")]) {
    await expect((async () => attempt())()).rejects.toMatchObject(refused);
  }
  expect(user.branches("net@online")).toEqual([null]);
});

test("nothing of what is the system's is stored here", async () => {
  const system = rig({ states: NET });
  const { user, news } = await linked(system, {});
  await system.set("disk@there", { id: "sda" });
  await news();
  expect(user.branches("disk@there")).toEqual([{ id: "sda" }]);
  expect([...user.store.entries.keys()].filter((key) => key.startsWith("state "))).toEqual([]);
});

test("after a gap what differs is one transaction, and what is gone there is gone here", async () => {
  const system = rig({ states: NET });
  await system.set("disk@there", { id: "sda" });
  await system.set("disk@there", { id: "sdb", size: 1 });
  const { user, mirror, waiting } = await linked(system, {});
  await system.unset("disk@there", { id: "sda" });
  await system.set("disk@there", { id: "sdb", size: 2 });
  await system.set("net@online");
  waiting.length = 0;
  const before = user.supervisor.history.nextId;
  await mirror.take(allOf(system));
  expect(user.branches("disk@there")).toEqual([{ id: "sdb", size: 2 }]);
  expect(user.branches("net@online")).toEqual([null]);
  const facts = user.api.trace({ last: 100, name: undefined }).filter(({ id }) => id >= before);
  expect(new Set(facts.map(({ tx }) => tx)).size).toBe(1);
  await mirror.take(allOf(system));
  expect(user.supervisor.history.nextId).toBe(before + facts.length);
});

test("names that come to the system with a reload are imported, and what was set here by such a name is set aside", async () => {
  const system = rig({ states: NET });
  const { user, news } = await linked(system, { states: [state("vpn@up", { implied: true })] });
  await user.set("vpn@up", { id: "here" });
  await system.reload({ states: [...NET, state("vpn@up")] });
  await system.set("vpn@up", { id: "there" });
  await news();
  expect(user.branches("vpn@up")).toEqual([{ id: "there" }]);
  expect(user.supervisor.setAside.map(({ state: name }) => name)).toEqual(["vpn@up"]);
  await system.reload({ states: NET });
  await news();
  expect(user.branches("vpn@up")).toEqual([{ id: "here" }]);
});

test("a reload here leaves the states of the system as they are", async () => {
  const system = rig({ states: NET });
  const { user, news } = await linked(system, {});
  await system.set("net@online");
  await news();
  const { imports } = user.supervisor.index.units;
  await user.reload({ imports, services: [service("my@sync", { startOn: [S("net@online")] })] });
  expect(user.up()).toEqual(["my@sync"]);
});

test("where the units here do not go together with new names of the system, the rest is followed, and a reload that puts it right asks for all anew", async () => {
  const system = rig({ states: NET });
  let asked = 0;
  const { user, news, refuse } = await linked(system, { states: [state("vpn@up")] }, { again: () => asked++ });
  refuse("vpn.toml:1:1: no");
  await system.reload({ states: [...NET, state("vpn@up")], signals: [signal("vpn@lost")] });
  await system.set("vpn@up", { id: "there" });
  await system.emit("vpn@lost");
  await system.set("net@online");
  await news();
  expect(user.branches("rind@degraded")).toEqual([{ item: "system-names", message: "vpn.toml:1:1: no" }]);
  expect(user.branches("vpn@up")).toEqual([]);
  expect(user.branches("net@online")).toEqual([null]);
  expect(asked).toBe(0);
  await user.reload({ imports: importsOf(allOf(system)) });
  expect(asked).toBe(1);
  expect(user.branches("rind@degraded")).toEqual([]);
});
