import type { Exit } from "../../../src/model/exit.ts";
import type { Phase } from "../../../src/model/phase.ts";
import type { RestartPolicy } from "../../../src/model/unit-set.ts";
import { InstanceActor } from "../../../src/service/instance-actor.ts";
import type { InstanceContext, InstanceInput } from "../../../src/service/instance-context.ts";
import type { InstanceEvent } from "../../../src/service/instance-events.ts";
import type { InstancePolicy } from "../../../src/service/instance-policy.ts";
import { RESTART } from "../../support/decls.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const FEW_RETRIES: RestartPolicy = { ...RESTART, maxRetries: 2, maxDelayMs: 60_000 };

export const START: InstanceEvent & { type: "service.start" } = {
  type: "service.start",
  by: "conditions",
  open: true,
  circle: false,
  reason: "start-on holds",
};
export const BY_HAND: typeof START = { ...START, by: "hand", reason: "by hand" };
export const STOP: InstanceEvent & { type: "service.stop" } = { type: "service.stop", force: false, hold: false, reason: "by hand" };
export const STARTED: InstanceEvent = { type: "process.started" };

export function exited(code: number, left = false): InstanceEvent {
  const exit: Exit = { kind: "code", code };
  return { type: "process.exited", exit, left };
}

export function killed(by: NodeJS.Signals = "SIGTERM"): InstanceEvent {
  return { type: "process.exited", exit: { kind: "killed", by }, left: false };
}

interface RigOptions extends Partial<Omit<InstancePolicy, "restart">> {
  readonly restart?: Partial<RestartPolicy>;
  readonly ended?: InstanceInput["ended"];
  readonly random?: () => number;
}

/** One machine on simulated time, with requests written down instead of carried out. */
export function machineRig({ restart, ended, random = () => 0, ...policy }: RigOptions = {}) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const phases: Phase[] = [];
  const actor = new InstanceActor(
    {
      name: "g@s",
      policy: {
        type: "simple",
        successExitCodes: [0],
        startTimeoutMs: undefined,
        stopTimeoutMs: 5_000,
        readyDelayMs: undefined,
        onUnhealthy: undefined,
        onWatchdog: undefined,
        ...policy,
        restart: { ...FEW_RETRIES, ...restart },
      },
      ended,
      world: { now: () => clock.now(), random },
    },
    {
      took: () => note(),
      broke: (_, error) => {
        throw error;
      },
      launch: () => asked.push("launch"),
      terminate: (_, abort) => asked.push(abort ? "abort" : "terminate"),
      kill: () => asked.push("kill"),
      setTimer: (_, elapsed, ms) => clock.setTimeout(elapsed, ms),
      clearTimer: (id) => clock.clearTimeout(id),
    },
  );
  const note = (): void => {
    if (phases.at(-1) !== actor.phase) phases.push(actor.phase);
  };
  note();
  return {
    clock,
    asked,
    /** Every phase that was observed, in order. */
    phases,
    send: (...events: InstanceEvent[]): void => {
      for (const event of events) actor.send(event);
    },
    phase: (): Phase => actor.phase,
    context: (): InstanceContext => actor.context,
  };
}
