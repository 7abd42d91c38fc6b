import type { ServiceIs } from "../../model/condition.ts";
import type { OrderItem, RequiredItem, ServiceDecl } from "../../model/unit-set.ts";
import { type Literal, serviceState } from "../condition.ts";

/** What the order lists ask about the services of now. */
export interface Neighbours {
  /** The key field of a branching service. */
  keyFieldOf(service: string): string | undefined;
  /** False of what was left out at boot because of errors. */
  isDeclared(service: string): boolean;
}

/** One entry of `after`, `requires` or `wants`, in the form in which it is counted: it is fulfilled when all literals hold. */
export interface OrderEntry<T> {
  readonly item: OrderItem;
  /** Both branch by the same key: an instance is about its partner alone. */
  readonly pairs: boolean;
  readonly kind: "after" | "requires" | "wants";
  readonly literals: readonly T[];
}

/** Fields of the row of an instance in the hidden state of its service, beside one for each `is`. */
export const LOST = "~lost";
export const ENDING = "~ending";
export const PENDING = "~pending";
export const RUN = "~run";
export const BORN = "~born";

/** The field that says whether an instance is as asked. */
export function flagOf(is: ServiceIs): string {
  return `~${is}`;
}

/** Asks for a process: such an item is lost as soon as the process is on its way out. The others are fulfilled by an end. */
export function asksForProcess(is: ServiceIs): boolean {
  return is === "started" || is === "ready" || is === "healthy";
}

/** Whether two services pair by key (SPEC 6.2). */
export function pairs(one: ServiceDecl, otherField: string | undefined): boolean {
  return otherField !== undefined && otherField === one.branching?.key;
}

/** Whether the loss of the other ends this one. */
export function followsLoss({ onLoss }: RequiredItem): boolean {
  return onLoss !== "ignore";
}

export function orderEntries(decl: ServiceDecl, neighbours: Neighbours): readonly OrderEntry<Literal>[] {
  const entry = (item: OrderItem, kind: OrderEntry<Literal>["kind"]): OrderEntry<Literal> => {
    const paired = pairs(decl, neighbours.keyFieldOf(item.service));
    const isThere = neighbours.isDeclared(item.service);
    return { item, pairs: paired, kind, literals: literalsOf(item, kind, paired || (kind === "requires" && !isThere)) };
  };
  return [
    ...decl.after.map((item) => entry(item, "after")),
    ...decl.requires.map((item) => entry(item, "requires")),
    ...decl.wants.map((item) => entry(item, "wants")),
  ];
}

/**
 * Hard: no instance lacks what is asked, so a branching service without instances fulfils at once; `mustBeThere`: nor may there be none.
 * Soft: no instance that lacks it is on its way there.
 */
function literalsOf({ service, is }: OrderItem, kind: OrderEntry<Literal>["kind"], mustBeThere: boolean): readonly Literal[] {
  const state = serviceState(service);
  const literal = (value: { readonly [field: string]: boolean }, negated: boolean): Literal => {
    return { negated, state, match: [{ kind: "as", value }], gate: true };
  };
  const flag = flagOf(is);
  if (kind === "wants") return [literal({ [flag]: false, [PENDING]: true }, true)];
  const fulfilled = mustBeThere ? literal({ [flag]: true }, false) : literal({ [flag]: false }, true);
  return [
    fulfilled,
    // a process that is being stopped is up still, but nothing to build on
    ...(is === "started" ? [literal({ [ENDING]: true }, true)] : []),
    ...(kind === "requires" && asksForProcess(is) ? [literal({ [LOST]: true }, true)] : []),
  ];
}

/** Whether two forms of a service pull in the same others: who is up already pulls in what new units say that it needs. */
export function pullsTheSame(before: ServiceDecl, now: ServiceDecl): boolean {
  const names = ({ requires, wants }: ServiceDecl): readonly string[] => [...requires, ...wants].map(({ service }) => service);
  return names(before).join(" ") === names(now).join(" ");
}
