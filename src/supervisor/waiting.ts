import { serviceState } from "../flow/condition.ts";
import { keyIn } from "../flow/demand/count.ts";
import { describeCondition } from "../flow/describe.ts";
import { holds, type Moment } from "../flow/holds.ts";
import { ownField } from "../flow/payload.ts";
import type { Json } from "../model/json.ts";
import { instanceName } from "../model/name.ts";
import type { OrderItem, ServiceDecl } from "../model/unit-set.ts";
import { inject } from "../service/transport.ts";
import { ownBranch, sees, transportView } from "./instance-view.ts";
import type { Supervisor } from "./supervisor.ts";

/** The whole store, for judging conditions by their definition. */
export function momentOf({ flow, index }: Supervisor): Moment {
  const { program } = index;
  return {
    branches: (state) => flow.branches(state).values(),
    signal: undefined,
    kindOf: (name) => program.states.get(name)?.kind ?? program.signals.get(name)?.kind ?? "any",
  };
}

/** The store as an instance sees it. */
export function momentFor(supervisor: Supervisor, decl: ServiceDecl, key: string): Moment {
  return { ...momentOf(supervisor), sees: sees(decl, key) };
}

/** What keeps a process of this instance from being started, one sentence each: what is unmet, and how it is now. */
export function waitingFor(supervisor: Supervisor, decl: ServiceDecl, key: string): readonly string[] {
  return [
    ...unmetOrder(supervisor, decl, key),
    ...unmetStopOn(supervisor, decl, key),
    ...unmetPlace(supervisor, decl, key),
    ...unmetTransport(supervisor, decl, key),
    ...pause(supervisor, decl, key),
  ];
}

/** Whether an entry of `after` is fulfilled for this instance, and the instances that it is about with their phases. */
export function orderItemNow(
  supervisor: Supervisor,
  decl: ServiceDecl,
  key: string,
  item: OrderItem,
): { readonly holds: boolean; readonly now: string } {
  const target = supervisor.index.services.get(item.service);
  const pairs = decl.branching !== undefined && target?.branching?.key === decl.branching.key;
  const rows = [...supervisor.flow.branches(serviceState(item.service)).values()];
  const concerned = pairs ? rows.filter((row) => keyIn(row, decl.branching?.key) === key) : rows;
  const lacking = concerned.filter((row) => ownField(row, `~${item.is}`) !== true);
  if (pairs && concerned.length === 0) return { holds: false, now: `there is no ${instanceName(item.service, key)}` };
  return { holds: lacking.length === 0, now: concerned.map((row) => phaseText(supervisor, row)).join(", ") || "it has no instance" };
}

function unmetOrder(supervisor: Supervisor, decl: ServiceDecl, key: string): string[] {
  return decl.after.flatMap((item) => {
    const { holds: fulfilled, now } = orderItemNow(supervisor, decl, key, item);
    return fulfilled ? [] : [`after: ${item.service} is not ${item.is} (${now})`];
  });
}

function unmetStopOn(supervisor: Supervisor, decl: ServiceDecl, key: string): string[] {
  if (supervisor.guards.get(decl.name)?.judgements.get(key)?.forced === true) return [];
  const moment = momentFor(supervisor, decl, key);
  return decl.stopOn.filter((condition) => holds(condition, moment)).map((condition) => `stop-on: ${describeCondition(condition)} holds`);
}

function unmetPlace(supervisor: Supervisor, decl: ServiceDecl, key: string): string[] {
  const guard = supervisor.guards.get(decl.name);
  if (guard === undefined || decl.branching === undefined || !Number.isFinite(decl.branching.maxInstances) || guard.hasPlace(key))
    return [];
  const { maxInstances } = decl.branching;
  return [
    `branching: ${maxInstances === 1 ? "the one place" : `all ${maxInstances} places`} of max-instances ${maxInstances === 1 ? "is" : "are"} taken`,
  ];
}

function unmetTransport(supervisor: Supervisor, decl: ServiceDecl, key: string): string[] {
  const start = { ownBranch: ownBranch(decl, key, supervisor.flow), startSignal: undefined };
  const required = decl.transport.filter((transport) => transport.required);
  return inject(required, transportView(decl, key, start, supervisor)).unmet.map((missing) => `transport: ${missing}`);
}

function pause(supervisor: Supervisor, decl: ServiceDecl, key: string): string[] {
  const instance = supervisor.instances.get(instanceName(decl.name, key));
  return instance?.context.paused === true ? ["restart: its own last run brought this start about, so the delay of a restart applies"] : [];
}

/** An instance, by its row of the hidden state of its service, and where it is. */
export function phaseText(supervisor: Supervisor, row: Json): string {
  const name = ownField(row, "~id");
  if (typeof name !== "string") return "unknown";
  return `${name} is ${supervisor.instances.get(name)?.phase ?? "inactive"}`;
}
