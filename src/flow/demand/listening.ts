import type { Fact, SignalFact, StateFact } from "../../model/fact.ts";
import type { Json } from "../../model/json.ts";
import type { PayloadKind, ServiceDecl } from "../../model/unit-set.ts";
import { matches } from "../payload.ts";
import type { Count, Reach } from "./count.ts";
import { leaves } from "./guard-lists.ts";

/** What a guard wants to hear: itself the observer that the bus tells each fact. */
export type Listening =
  | { readonly kind: "state"; readonly name: string; readonly key: string | undefined; readonly next: (fact: Fact & StateFact) => void }
  | { readonly kind: "signal"; readonly name: string; readonly next: (fact: Fact & SignalFact) => void };

/** What a change of somebody else asks of who runs or waits, by a payload that says whom it concerns. `wait`: something it requires is lost. */
export interface PlannedRequest {
  readonly request: "wait" | "restart" | "renew" | "reload";
  readonly payload: Json;
  readonly cause: number;
  readonly reason: string;
  /** It concerns only runs that began after the fact with this number; 0: all. */
  readonly since: number;
}

const NONE: readonly never[] = [];

/** Keeps a count up to date, and tells whom that concerns. `key`: the one branch that it is about, if it names one whole. */
export function countListening(count: Count, key: string | undefined, touched: (reach: Reach, cause: number) => void): Listening {
  const next = (fact: Fact & StateFact): void => {
    for (const reach of count.change(fact.before, fact.after)) touched(reach, fact.id);
  };
  return { kind: "state", name: count.literal.state, key, next };
}

/** The names in `restart-on` and `reload-on`: every change of a branch that matches asks, and every signal. */
export function plannedListenings(
  decl: ServiceDecl,
  kindOf: (name: string) => PayloadKind,
  plan: (request: PlannedRequest) => void,
): readonly Listening[] {
  if (decl.restartOn.length === 0 && decl.reloadOn.length === 0) return NONE;
  const lists = [
    { key: "restart-on", request: "restart", conditions: decl.restartOn },
    { key: "reload-on", request: "reload", conditions: decl.reloadOn },
  ] as const;
  return lists.flatMap(({ key, request, conditions }) =>
    leaves(conditions).map((leaf): Listening => {
      const ask = (payload: Json | undefined, cause: number): void => {
        if (payload === undefined || !matches(leaf.match, payload, kindOf(leaf.name))) return;
        plan({ request, payload, cause, reason: `${key}: ${leaf.kind} ${leaf.name}`, since: 0 });
      };
      if (leaf.kind === "signal") return { kind: "signal", name: leaf.name, next: (fact) => ask(fact.payload, fact.id) };
      const next = ({ before, after, id }: Fact & StateFact): void => {
        ask(before, id);
        ask(after, id);
      };
      return { kind: "state", name: leaf.name, key: undefined, next };
    }),
  );
}

/** The states that a required transport waits for; `touch` is told each payload that comes or goes. */
export function requiredListenings(decl: ServiceDecl, touch: (payload: Json, cause: number) => void): readonly Listening[] {
  if (decl.transport.length === 0) return NONE;
  const required = decl.transport.filter((transport) => transport.required);
  const names = new Set(required.flatMap(({ options }) => options.flatMap(({ value }) => (value.kind === "state" ? [value.name] : []))));
  if (required.length > 0 && decl.branching !== undefined) names.add(decl.branching.sourceState);
  return stateListenings(names, touch);
}

/** Who is logged in: the last place where it is looked for as whom a service runs. */
export const USER_SESSIONS = "rind@user-session";

/** Whether only states can say as whom it runs (SPEC 6.9). */
export function asksForUser({ run, space }: ServiceDecl): boolean {
  return run.user === undefined && space.kind === "user";
}

/** The states that may name the user of a service which its unit leaves open. */
export function userListenings(decl: ServiceDecl, touch: (payload: Json, cause: number) => void): readonly Listening[] {
  if (!asksForUser(decl)) return NONE;
  const { userSource, branching } = decl;
  return stateListenings(new Set([USER_SESSIONS, ...present(userSource?.state), ...present(branching?.sourceState)]), touch);
}

/** Each payload that comes or goes. */
function stateListenings(names: ReadonlySet<string>, touch: (payload: Json, cause: number) => void): readonly Listening[] {
  const next = ({ before, after, id }: Fact & StateFact): void => {
    for (const payload of [before, after]) if (payload !== undefined) touch(payload, id);
  };
  return [...names].map((name) => ({ kind: "state", name, key: undefined, next }));
}

function present<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
