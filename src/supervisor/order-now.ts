import { serviceState } from "../flow/condition.ts";
import { keyIn } from "../flow/demand/count.ts";
import { asksForProcess, ENDING, flagOf, LOST, PENDING, pairs } from "../flow/demand/order-lists.ts";
import { ownField } from "../flow/payload.ts";
import type { Json } from "../model/json.ts";
import { instanceName } from "../model/name.ts";
import type { OrderItem, ServiceDecl } from "../model/unit-set.ts";
import type { Instance } from "./instance.ts";
import type { Supervisor } from "./supervisor.ts";

/** An entry of an order list as it is for one instance: the definition, where the guard counts. */
export interface OrderNow {
  readonly key: "after" | "requires" | "wants" | "conflicts";
  /** The service that it is about. */
  readonly service: string;
  /** What is asked of it. */
  readonly asked: string;
  readonly holds: boolean;
  /** The instances that it is about, with their phases. */
  readonly now: string;
}

/** All entries of the order lists, in the order of the lists; conflicts that only the other side declares included. */
export function orderNow(supervisor: Supervisor, decl: ServiceDecl, key: string): readonly OrderNow[] {
  return [
    ...(["after", "requires", "wants"] as const).flatMap((list) => decl[list].map((item) => itemNow(supervisor, decl, key, list, item))),
    ...conflictsNow(supervisor, decl, key),
  ];
}

function itemNow(supervisor: Supervisor, decl: ServiceDecl, key: string, list: "after" | "requires" | "wants", item: OrderItem): OrderNow {
  const entry = { key: list, service: item.service, asked: item.is };
  const target = supervisor.index.services.get(item.service);
  if (target === undefined) return { ...entry, holds: list !== "requires", now: "left out: see rind@degraded" };
  const paired = pairs(decl, target.branching?.key);
  const rows = [...supervisor.flow.branches(serviceState(item.service)).values()];
  const concerned = paired ? rows.filter((row) => keyIn(row, decl.branching?.key) === key) : rows;
  if (paired && concerned.length === 0) return { ...entry, holds: list === "wants", now: `there is no ${instanceName(item.service, key)}` };
  const lacking = concerned.filter((row) => isLacking(row, list, item));
  return {
    ...entry,
    holds: lacking.length === 0,
    now: concerned.map((row) => phaseText(supervisor, row)).join(", ") || "it has no instance",
  };
}

function isLacking(row: Json, list: "after" | "requires" | "wants", { is }: OrderItem): boolean {
  const isAsAsked = ownField(row, flagOf(is)) === true;
  if (list === "wants") return !isAsAsked && ownField(row, PENDING) === true;
  if (!isAsAsked || (is === "started" && ownField(row, ENDING) === true)) return true;
  return list === "requires" && asksForProcess(is) && ownField(row, LOST) === true;
}

function conflictsNow(supervisor: Supervisor, decl: ServiceDecl, key: string): readonly OrderNow[] {
  const inTheWay = supervisor.guards.inTheWay({ service: decl.name, key });
  return supervisor.guards.rivalsOf(decl.name).map(({ service }): OrderNow => {
    const others = inTheWay.filter((place) => place.service === service).map((place) => instanceName(place.service, place.key));
    const shown = others.length > 0 ? others : [service];
    return {
      key: "conflicts",
      service,
      asked: "down",
      holds: others.length === 0,
      now: shown.map((name) => `${name} is ${supervisor.instances.get(name)?.phase ?? "inactive"}`).join(", "),
    };
  });
}

/** Who has to be down before a process that is to stop is asked to end, one sentence each. */
export function heldBy(supervisor: Supervisor, instance: Instance): readonly string[] {
  if (!instance.context.hold) return [];
  return supervisor.heldStops
    .waitingFor(instance)
    .map(({ name, phase }) => `stop: ${name}, which requires it, has to be down first (${name} is ${phase})`);
}

/** An instance, by its row of the hidden state of its service, and where it is. */
export function phaseText(supervisor: Supervisor, row: Json): string {
  const name = ownField(row, "~id");
  if (typeof name !== "string") return "unknown";
  return `${name} is ${supervisor.instances.get(name)?.phase ?? "inactive"}`;
}
