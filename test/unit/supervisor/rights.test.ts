import { expect, test } from "vitest";
import type { PermissionDecl, Right } from "../../../src/model/unit-set.ts";
import { type Claimant, givesRights, hasOneOf } from "../../../src/supervisor/rights.ts";
import { service, signal, state, unitSet } from "../../support/decls.ts";

const ALICE = 1_000;
const AUDIO = 29;
const NUMBERS: Readonly<Record<string, number>> = { alice: ALICE, audio: AUDIO };
const accounts = { uidOf: (user: string) => NUMBERS[user], gidOf: (group: string) => NUMBERS[group] };

const claimant = (given: Partial<Claimant> = {}): Claimant => ({ uid: 4_711, gid: 4_711, groups: [], ...given });
const permission = (name: string, given: Partial<PermissionDecl>): PermissionDecl => {
  return { name, group: undefined, users: [], includes: [], origin: undefined, ...given };
};
const named = (name: string): Right => ({ kind: "permission", name });

function has(who: Claimant, rights: readonly Right[], ...decls: PermissionDecl[]): boolean {
  return hasOneOf(rights, who, { permissions: new Map(decls.map((decl) => [decl.name, decl])), accounts });
}

test.each([
  { who: "by the primary group", claimant: claimant({ gid: AUDIO }), holds: true },
  { who: "by a supplementary group", claimant: claimant({ groups: [4, AUDIO] }), holds: true },
  { who: "not with another group", claimant: claimant({ gid: 30, groups: [4] }), holds: false },
  { who: "not by a uid that is the number of the group", claimant: claimant({ uid: AUDIO }), holds: false },
])("a group gives a right to its members: $who", ({ claimant: who, holds }) => {
  expect(has(who, [{ kind: "gid", gid: AUDIO }])).toBe(holds);
  expect(has(who, [named("p@sound")], permission("p@sound", { group: "audio" }))).toBe(holds);
});

test("a permission gives a right to its users, by the number that the name has now", () => {
  const decl = permission("p@ops", { users: ["bob", "alice"] });
  expect(has(claimant({ uid: ALICE }), [named("p@ops")], decl)).toBe(true);
  expect(has(claimant(), [named("p@ops")], decl)).toBe(false);
  // a group of that number is somebody else
  expect(has(claimant({ gid: ALICE }), [named("p@ops")], decl)).toBe(false);
});

test("who has a permission has those that include it, however far; not the other way round", () => {
  const decls = [
    permission("p@all", { includes: ["p@some"] }),
    permission("p@some", { includes: ["p@ops"] }),
    permission("p@ops", { users: ["alice"] }),
    permission("p@boss", { includes: ["p@all"], group: "audio" }),
  ];
  expect(has(claimant({ uid: ALICE }), [named("p@all")], ...decls)).toBe(true);
  expect(has(claimant({ groups: [AUDIO] }), [named("p@boss")], ...decls)).toBe(true);
  expect(has(claimant({ groups: [AUDIO] }), [named("p@ops")], ...decls)).toBe(false);
});

test("permissions that include each other end, and give nothing by that", () => {
  const decls = [permission("p@a", { includes: ["p@b"] }), permission("p@b", { includes: ["p@a", "p@a"] })];
  expect(has(claimant(), [named("p@a"), named("p@b")], ...decls)).toBe(false);
});

test("one of several rights is enough; none is nobody's", () => {
  const decl = permission("p@ops", { users: ["alice"] });
  expect(has(claimant({ uid: ALICE }), [{ kind: "gid", gid: 7 }, named("p@ops")], decl)).toBe(true);
  expect(has(claimant({ uid: ALICE }), [], decl)).toBe(false);
});

test("what is declared nowhere, and users and groups that there are not, are nobody's", () => {
  expect(has(claimant({ uid: ALICE }), [named("p@gone")])).toBe(false);
  const decl = permission("p@ops", { users: ["nobody-here"], group: "none-such" });
  expect(has(claimant({ uid: ALICE }), [named("p@ops")], decl)).toBe(false);
});

test("units give rights to others where one list of them is not empty", () => {
  const right: Right = { kind: "gid", gid: 7 };
  expect(givesRights(unitSet({ states: [state("g@a")], signals: [signal("g@x")], services: [service("g@s")] }))).toBe(false);
  // one that is built in, and that nobody has
  expect(givesRights(unitSet({ permissions: [permission("rind@login", {})] }))).toBe(false);
  expect(givesRights(unitSet({ permissions: [permission("p@ops", { users: ["alice"] })] }))).toBe(true);
  expect(givesRights(unitSet({ permissions: [permission("p@ops", { group: "audio" })] }))).toBe(true);
  expect(givesRights(unitSet({ states: [state("g@a", { permissions: [right] })] }))).toBe(true);
  expect(givesRights(unitSet({ signals: [signal("g@x", { permissions: [right] })] }))).toBe(true);
  expect(givesRights(unitSet({ services: [service("g@s", { managedBy: [right] })] }))).toBe(true);
});
