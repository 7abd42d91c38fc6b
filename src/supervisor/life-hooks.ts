import type { Fact, PhaseFact } from "../model/fact.ts";
import type { InstanceContext } from "../service/instance-context.ts";
import { isSuccess } from "../service/restart-policy.ts";
import type { HookMoment, HookRunner } from "./hook-runner.ts";
import type { Instance, RunningProcess } from "./instance.ts";
import type { InstanceObserver } from "./instances.ts";

/** Which hooks of a service belong to which moment of its life (SPEC 6.10). */
export class LifeHooks implements InstanceObserver {
  readonly #runner: HookRunner;

  constructor(runner: HookRunner) {
    this.#runner = runner;
  }

  phase(instance: Instance, { to, id }: Fact & PhaseFact): void {
    const { type, onFail } = instance.decl;
    if (to === "failed") this.#runner.run(onFail, moment("on-fail", instance, false), id);
    const becameReady = type === "oneshot" ? to === "exited" && instance.context.outcome === "success" : to === "running";
    if (becameReady) this.#ready(instance, id);
  }

  flags(instance: Instance, before: InstanceContext, cause: number): void {
    if (instance.phase === "running" && instance.decl.type !== "oneshot" && instance.context.ready && !before.ready)
      this.#ready(instance, cause);
  }

  /** The process of an instance is up. */
  started(instance: Instance, cause: number): void {
    this.#runner.run(instance.decl.onStart, moment("on-start", instance, true), cause);
  }

  /** A process has ended, and the machine has not heard of it yet: whether Rind asked for it can still be seen. */
  ended(instance: Instance, run: RunningProcess, cause: number): void {
    const { phase, context, decl } = instance;
    const asked = phase === "stopping" && context.then !== "judge";
    const well = run.exit !== undefined && context.failedBy === undefined && isSuccess(run.exit, decl.successExitCodes);
    this.#runner.run(decl.onStop, { list: "on-stop", instance, run, success: asked || well }, cause);
  }

  #ready(instance: Instance, cause: number): void {
    this.#runner.run(instance.decl.onReady, moment("on-ready", instance, true), cause);
  }
}

function moment(list: string, instance: Instance, success: boolean): HookMoment {
  return { list, instance, run: instance.process, success };
}
