import { enqueueActions } from "xstate";
import { ACTIONS, type ActionName, type Doing, type InstanceAction } from "./instance-actions.ts";
import { GUARDS, type GuardName } from "./instance-guards.ts";
import type { InstanceContext } from "./instance-context.ts";
import type { InstanceEvent } from "./instance-events.ts";

/* The actions and guards of the machine as XState takes them. */

type Request = { readonly type: "launch" | "terminate" | "kill" };

/** XState is told their names alone: what they do, each of them asks for by itself. */
export function xstateActions(): Record<ActionName, () => void> {
  const actions = Object.entries(ACTIONS).map(([name, action]) => [name, xstateAction(action)]);
  return Object.fromEntries(actions) as Record<ActionName, () => void>; // the names of ACTIONS
}

export function xstateGuards(): Record<GuardName, (args: { context: InstanceContext; event: InstanceEvent }) => boolean> {
  const guards = Object.entries(GUARDS).map(([name, guard]) => [
    name,
    ({ context, event }: { context: InstanceContext; event: InstanceEvent }): boolean => guard(context, event),
  ]);
  return Object.fromEntries(guards) as ReturnType<typeof xstateGuards>; // the names of GUARDS
}

function xstateAction(action: InstanceAction): unknown {
  return enqueueActions<InstanceContext, InstanceEvent, undefined, InstanceEvent, never, Request>(({ context, event, enqueue }) => {
    const doing: Doing = {
      launch: () => enqueue({ type: "launch" }),
      terminate: () => enqueue({ type: "terminate" }),
      kill: () => enqueue({ type: "kill" }),
      arm: (timer, ms, later) => enqueue.raise(later, { id: timer, delay: ms }),
      disarm: (timer) => enqueue.cancel(timer),
    };
    const part = action(context, event, doing);
    if (part !== undefined) enqueue.assign(part);
  });
}
