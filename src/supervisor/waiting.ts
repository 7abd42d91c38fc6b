import { describeCondition } from "../flow/describe.ts";
import { holds, type Moment } from "../flow/holds.ts";
import { instanceName } from "../model/name.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import { inject } from "../service/transport.ts";
import { ownBranch, sees, transportView } from "./instance-view.ts";
import { orderNow } from "./order-now.ts";
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
    ...unmetUser(supervisor, decl, key),
    ...pause(supervisor, decl, key),
  ];
}

function unmetOrder(supervisor: Supervisor, decl: ServiceDecl, key: string): string[] {
  return orderNow(supervisor, decl, key).flatMap(({ key: list, service, asked, holds: fulfilled, now }) =>
    fulfilled ? [] : [`${list}: ${service} is not ${asked} (${now})`],
  );
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

function unmetUser({ users, instances }: Supervisor, decl: ServiceDecl, key: string): string[] {
  const why = users.waitsFor(decl, key, instances.get(instanceName(decl.name, key)));
  return why === undefined ? [] : [`user: ${why}`];
}

function pause(supervisor: Supervisor, decl: ServiceDecl, key: string): string[] {
  const instance = supervisor.instances.get(instanceName(decl.name, key));
  return instance?.context.paused === true ? ["restart: its own last run brought this start about, so the delay of a restart applies"] : [];
}
