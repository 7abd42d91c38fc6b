import { expect, test } from "vitest";
import type { Reference, ServiceDecl, TransportDecl } from "../../src/model/unit-set.ts";
import { branching, G, service, signal, state } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

const of = (name: string, path: readonly string[] = [], fallback?: string): Reference => ({ kind: "state", name, path, fallback });
const own = (...path: string[]): Reference => ({ kind: "own-branch", path, fallback: undefined });
const env = (options: Readonly<Record<string, Reference>>, required = false): TransportDecl => ({
  id: "env",
  required,
  options: Object.entries(options).map(([prefix, value]) => ({ prefix, value })),
});
const args = (...options: readonly (readonly [string, Reference])[]): TransportDecl => ({
  id: "args",
  required: false,
  options: options.map(([prefix, value]) => ({ prefix, value })),
});
/** A service that starts with the signal, so that states can be set before. */
const late = (...transport: TransportDecl[]): ServiceDecl => service("g@s", { startOn: [G("g@go")], transport });
const units = (decl: ServiceDecl) => ({
  states: [state("g@A"), state("g@T", { payload: "string" })],
  signals: [signal("g@go")],
  services: [decl],
});

test("78: a state in env is its text, a json one its compact json", async () => {
  const r = rig(units(late(env({ TEXT: of("g@T"), JSON: of("g@A") }))));
  await r.set("g@T", "a b");
  await r.set("g@A", { id: 1, list: [true, null] });
  await r.emit("g@go");
  expect(r.launcher.last("g@s").plan.env).toEqual({ TEXT: "a b", JSON: '{"id":1,"list":[true,null]}', RIND_SERVICE: "g@s" });
});

test("79: a path leads into the payload; strings come out bare, numbers as text", async () => {
  const r = rig(units(late(env({ NESTED: of("g@A", ["a", "b"]), NUMBER: of("g@A", ["n"]), SECOND: of("g@A", ["list", "1"]) }))));
  await r.set("g@A", { id: 1, a: { b: "deep" }, n: 8080, list: ["x", "y"] });
  await r.emit("g@go");
  expect(r.launcher.last("g@s").plan.env).toMatchObject({ NESTED: "deep", NUMBER: "8080", SECOND: "y" });
});

test("81: the own branch has its value inside a branch, and none outside", async () => {
  const inside = service("g@in", { branching: branching("g@A"), transport: [env({ TTY: own("tty") })] });
  const r = rig({ ...units(late(env({ TTY: own("tty") }))), services: [late(env({ TTY: own("tty") })), inside] });
  await r.set("g@A", { id: 1, tty: "tty1" });
  await r.emit("g@go");
  expect(r.launcher.last("g@in/1").plan.env).toMatchObject({ TTY: "tty1" });
  expect(r.launcher.last("g@s").plan.env).not.toHaveProperty("TTY");
  expect(r.logged.map(({ message }) => message)).toContain("transport: state:$/tty has no value here");
});

test("82: args come after run.args, in order, each one argument", async () => {
  const run = { ...service("x").run, args: ["first"] };
  const decl = late(args(["", of("g@T")], ["--up=", of("g@A", ["id"])], ["", { kind: "literal", text: "last word" }]));
  const r = rig(units({ ...decl, run }));
  await r.set("g@T", "two words");
  await r.set("g@A", { id: "x" });
  await r.emit("g@go");
  expect(r.launcher.last("g@s").plan.args).toEqual(["first", "two words", "--up=x", "last word"]);
});

test("83: a variable gives its text without quotes", async () => {
  const decl = late(env({ LEVEL: { kind: "variable", name: "g@level", fallback: undefined } }));
  const r = rig({ ...units(decl), variables: [{ name: "g@level", default: "info", env: undefined }] });
  await r.emit("g@go");
  expect(r.launcher.last("g@s").plan.env).toMatchObject({ LEVEL: "info" });
});

test("a reference that leads nowhere leaves its variable unset and its argument out, or takes its fallback", async () => {
  const r = rig(units(late(env({ A: of("g@A", ["x"]), B: of("g@A", ["x"], "none") }), args(["--x=", of("g@A", ["x"])]))));
  await r.emit("g@go");
  const { plan } = r.launcher.last("g@s");
  expect([plan.env, plan.args]).toEqual([{ B: "none", RIND_SERVICE: "g@s" }, []]);
});

test("of several branches the oldest is taken, with a warning; an instance takes the one with its key", async () => {
  const inside = service("g@in", { branching: branching("g@A"), transport: [env({ V: of("g@A", ["v"]) })] });
  const r = rig({ ...units(late(env({ V: of("g@A", ["v"]) }))), services: [late(env({ V: of("g@A", ["v"]) })), inside] });
  await r.set("g@A", { id: 1, v: "old" });
  await r.set("g@A", { id: 2, v: "new" });
  await r.emit("g@go");
  expect(r.launcher.last("g@s").plan.env).toMatchObject({ V: "old" });
  expect(r.launcher.last("g@in/2").plan.env).toMatchObject({ V: "new" });
  expect(r.logged.map(({ message }) => message)).toContain("transport: state:g@A has 2 branches; the oldest is taken");
});

test("what a signal carries reaches the run that it starts", async () => {
  const r = rig(units(late(env({ CODE: { kind: "start-signal", path: ["code"], fallback: undefined } }))));
  await r.emit("g@go", { code: 7 });
  expect(r.launcher.last("g@s").plan.env).toMatchObject({ CODE: "7" });
});

test("a required reference that does not resolve blocks the service until it does", async () => {
  const r = rig(units(service("g@s", { transport: [env({ V: of("g@A", ["v"]) }, true)] })));
  expect(r.api.status("g@s")).toMatchObject({ phase: "blocked", waiting: ["transport: state:g@A/v has no value"] });
  await r.set("g@A", { id: 1 });
  expect(r.phase("g@s")).toBe("blocked");
  await r.set("g@A", { id: 1, v: "now" });
  expect(r.launcher.last("g@s").plan.env).toMatchObject({ V: "now" });
});

test("a required reference to the own branch waits for that, and takes what it has at the start", async () => {
  const decl = service("g@in", { branching: branching("g@A"), transport: [env({ V: own("v") }, true)] });
  const r = rig({ states: [state("g@A")], services: [decl] });
  await r.set("g@A", { id: 1 });
  expect(r.phase("g@in/1")).toBe("blocked");
  await r.set("g@A", { id: 1, v: "now" });
  await r.set("g@A", { id: 1, v: "later" });
  r.launcher.exit("g@in/1", 1);
  r.rest();
  expect(r.launcher.launched.map(({ plan }) => plan.env["V"])).toEqual(["now", "now"]);
});

test("values are those at the start: a later change reaches the next one", async () => {
  const r = rig(units(service("g@s", { transport: [env({ V: of("g@T", [], "none") })] })));
  await r.set("g@T", "changed");
  expect(r.launcher.last("g@s").plan.env).toMatchObject({ V: "none" });
  const restarted = r.api.restart(["g@s"]);
  r.rest();
  await restarted;
  expect(r.launcher.last("g@s").plan.env).toMatchObject({ V: "changed" });
});

test("an instance takes the branch with its key even where an older one without the key is seen", async () => {
  const decl = service("g@in", { branching: branching("g@users", "user"), transport: [env({ V: of("g@A", ["v"]) })] });
  const r = rig({ states: [state("g@A"), state("g@users", { branch: [{ target: "user", source: "user" }] })], services: [decl] });
  await r.set("g@A", { id: "for all", v: "common" });
  await r.set("g@A", { id: "own", user: "al", v: "al's" });
  await r.set("g@users", { user: "al" });
  await r.set("g@users", { user: "bo" });
  expect(r.launcher.last("g@in/al").plan.env).toMatchObject({ V: "al's" });
  expect(r.launcher.last("g@in/bo").plan.env).toMatchObject({ V: "common" });
});
