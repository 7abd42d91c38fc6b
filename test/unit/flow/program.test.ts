import { expect, test } from "vitest";
import { BUILT_IN_SIGNALS, builtInStates } from "../../../src/flow/built-ins.ts";
import { compile, stateTopicKey } from "../../../src/flow/program.ts";
import type { Literal } from "../../../src/flow/condition.ts";
import type { Json } from "../../../src/model/json.ts";
import { all, any, branching, G, not, S, service, signal, state, unitSet, V } from "../../support/decls.ts";
import { fields, mistakes } from "../../support/flow-rig.ts";

test("a cycle of states without a negation is no mistake, nor is one of signals", () => {
  expect(mistakes({ states: [state("a", { after: [S("b")] }), state("b", { after: [S("a")] })] })).toEqual([]);
  expect(mistakes({ signals: [signal("x", { after: [G("y")] }), signal("y", { after: [G("x")] })] })).toEqual([]);
});

test("a cycle through a negation is named in full, at the place of the negation", () => {
  const through = (list: Parameters<typeof state>[1]): string[] =>
    mistakes({ states: [state("a", list), state("b", { after: [S("c")] }), state("c", { branch: fields("id"), after: [S("a")] })] });
  const hint = "(a would have to be inactive because it is active: take it out of the circle)";
  expect(through({ after: [any(S("b"), not(S("b")))] })).toEqual([
    `a after.0.any.1.not: a cycle through a negation: a -> b -> c -> a ${hint}`,
  ]);
  expect(through({ stopOn: [S("b")] })).toEqual([`a stop-on.0: a cycle through a negation: a -> b -> c -> a ${hint}`]);
  expect(through({ stopOn: [not(S("b"))] })).toEqual([`a stop-on.0.not: a cycle through a negation: a -> b -> c -> a ${hint}`]);
  expect(through({ payload: "none", activateOnNone: [{ state: "b", branch: undefined }] })).toEqual([
    `a activate-on-none.0: a cycle through a negation: a -> b -> c -> a ${hint}`,
  ]);
});

test("what names itself is reported where it does", () => {
  expect(
    mistakes({
      states: [state("a", { after: [S("b"), S("a")] }), state("b")],
      signals: [signal("x", { after: [G("x")] })],
      services: [service("s", { startOn: [not(V("s"))], after: [{ service: "s", is: "ready" }] })],
    }),
  ).toEqual([
    "a after.1: a names itself (a state cannot depend on itself)",
    "x after.0: x names itself (a signal cannot depend on itself)",
    "s start-on.0.not: s names itself (a service cannot depend on itself)",
    "s after.0: s names itself (a service cannot depend on itself)",
  ]);
});

test("a cycle of services through `after` is named in full, once", () => {
  const after = (name: string) => [{ service: name, is: "ready" as const }];
  expect(
    mistakes({ services: [service("c", { after: after("a") }), service("a", { after: after("b") }), service("b", { after: after("c") })] }),
  ).toEqual(["a after.0: a cycle through after: a -> b -> c -> a (none of them could ever start)"]);
});

test("a name that is declared nowhere is reported with the closest one", () => {
  expect(
    mistakes({
      states: [state("net@online"), state("d", { after: [S("net@onlin")], stopOn: [not(all(S("net@online"), S("zzz")))] })],
      signals: [signal("backup"), signal("y", { after: [G("bakcup")] })],
      services: [
        service("web", { startOn: [V("wob")], after: [{ service: "db", is: "ready" }], restartOn: [S("net@onlines")] }),
        service("per-user", { branching: branching("net@onlne", "id", { only: [{ kind: "state", name: "nope" }] }) }),
      ],
    }),
  ).toEqual([
    "d after.0: no state net@onlin (did you mean net@online?)",
    "d stop-on.0.not.all.1: no state zzz",
    "y after.0: no signal bakcup (did you mean backup?)",
    "web start-on.0: no service wob (did you mean web?)",
    "web restart-on.0: no state net@onlines (did you mean net@online?)",
    "web after.0: no service db",
    "per-user branching.source-state: no state net@onlne (did you mean net@online?)",
    "per-user branching.only.0: no state nope",
  ]);
});

test("a signal in a list of a state is reported", () => {
  expect(mistakes({ states: [state("a", { after: [G("x")], stopOn: [G("x")] })], signals: [signal("x")] })).toEqual([
    "a after.0: the lists of a state take no signal, and x is one (a signal is there for a moment only: let it start a service or emit another signal)",
    "a stop-on.0: the lists of a state take no signal, and x is one (a signal is there for a moment only: let it start a service or emit another signal)",
  ]);
});

test("lists that can never hold are reported at the list, in `stop-on` at the item", () => {
  const never = "this can never hold: it asks for a and for its opposite (leave out one of the two)";
  const impossible = all(S("a"), not(S("a")));
  expect(
    mistakes({
      states: [state("a"), state("d", { after: [S("a"), not(S("a"))], stopOn: [S("a"), impossible] })],
      signals: [signal("x", { after: [impossible] })],
      services: [service("s", { startOn: [impossible], stopOn: [S("a"), impossible], reloadOn: [impossible] })],
    }),
  ).toEqual([
    `d after: ${never}`,
    `d stop-on.1: ${never}`,
    `x after: ${never}`,
    `s start-on: ${never}`,
    `s stop-on.1: ${never}`,
    `s reload-on.0: ${never}`,
  ]);
});

test("two different signals that must hold together are reported at the second", () => {
  expect(
    mistakes({ signals: [signal("x"), signal("y")], services: [service("s", { startOn: [G("x"), G("y")], stopOn: [G("x"), G("y")] })] }),
  ).toEqual(["s start-on.1: the signals x and y never come together (to react to either, put them under `any`)"]);
});

test("a service condition that contradicts itself is reported", () => {
  expect(mistakes({ services: [service("a"), service("s", { startOn: [V("a"), not(V("a"))] })] })).toEqual([
    "s start-on: this can never hold: it asks for service a and for its opposite (leave out one of the two)",
  ]);
});

test("a branched `activate-on-none` needs an identity field, and something that says which branches there are", () => {
  const none = (target: string) => [{ state: "x", branch: { target, source: "tty" } }];
  const auto = (keys: readonly string[]) => ({ eval: "/bin/tty", args: [], insert: { kind: "keys" as const, keys } });
  expect(
    mistakes({
      states: [
        state("x"),
        state("a", { branch: fields("tty"), after: [S("x")], activateOnNone: none("seat") }),
        state("b", { branch: fields("tty"), activateOnNone: none("tty") }),
        state("c", { branch: fields("tty"), autoPayload: auto(["tty"]), activateOnNone: none("tty") }),
        state("d", { branch: fields("tty"), autoPayload: auto(["other"]), activateOnNone: none("tty") }),
        state("e", { branch: fields("tty"), after: [S("x")], activateOnNone: none("tty") }),
      ],
    }),
  ).toEqual([
    "a activate-on-none.0.branch: seat is no identity field of a (its identity is tty)",
    "b activate-on-none.0.branch: nothing says which tty there are (give `after` a state that carries it, or an `auto-payload` that names it)",
    "d activate-on-none.0.branch: nothing says which tty there are (give `after` a state that carries it, or an `auto-payload` that names it)",
  ]);
});

test("only json has branches", () => {
  const hint = '(leave out `branch` or make it `payload = "json"`)';
  expect(
    mistakes({
      states: [state("s", { payload: "string", branch: fields("id") })],
      signals: [signal("n", { payload: "none", branch: fields("id") })],
    }),
  ).toEqual([`n branch: only json has branches, and n is none ${hint}`, `s branch: only json has branches, and s is string ${hint}`]);
});

test("a state whose payload is a bare value cannot be in a cycle", () => {
  const ring = (payload: "string" | "bytes" | "any" | "none") => [
    state("a", { payload, after: [S("b")] }),
    state("b", { payload: "none", after: [S("a")] }),
  ];
  for (const payload of ["string", "bytes", "any"] as const) {
    expect(mistakes({ states: ring(payload) })).toEqual([
      `a after: a ${payload} state cannot be in a cycle: a depends on itself (make it \`payload = "json"\` or "none")`,
    ]);
  }
  expect(mistakes({ states: ring("none") })).toEqual([]);
});

test("a list that multiplies too far is reported", () => {
  const pair = any(S("a"), S("b"));
  expect(mistakes({ states: [state("a"), state("b"), state("d", { after: Array.from({ length: 9 }, () => pair) })] })).toEqual([
    "d after: this makes more than 256 alternatives (give a part of it a name, as a state of its own)",
  ]);
});

test("what is built in is there undeclared, and service states only for services that are asked about", () => {
  const { program } = compile(
    unitSet({ services: [service("a"), service("b"), service("c", { startOn: [V("a")], after: [{ service: "b", is: "ready" }] })] }),
  );
  const hidden = [...program.states.values()].filter((plan) => plan.hidden).map(({ name }) => name);
  expect(hidden.sort()).toEqual(["~service:a", "~service:b"]);
  expect(builtInStates(false).every(({ name }) => program.states.has(name))).toBe(true);
  expect(BUILT_IN_SIGNALS.every(({ name }) => program.signals.has(name))).toBe(true);
});

test("a declaration goes before a built-in of its name", () => {
  const { program } = compile(unitSet({ states: [state("rind@up", { payload: "string" })] }));
  expect(program.states.get("rind@up")?.kind).toBe("string");
});

test("a literal that names the whole identity of a state names one topic", () => {
  const { program } = compile(
    unitSet({ states: [state("a"), state("b", { branch: fields("u", "tty") }), state("c", { payload: "any" })] }),
  );
  const key = (name: string, value: Json): string | undefined => {
    const literal: Literal = { negated: false, state: name, match: [{ kind: "as", value }], gate: false };
    return stateTopicKey(program, literal);
  };
  expect([key("a", { id: 1, x: 2 }), key("a", { x: 2 }), key("b", { u: "al" }), key("c", { id: 1 }), key("zzz", { id: 1 })]).toEqual([
    "1",
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(key("b", { u: "al", tty: 1 })).toBe("2:al1:1");
});
