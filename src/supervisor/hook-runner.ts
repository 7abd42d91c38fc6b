import { assertNever } from "../lib/assert-never.ts";
import type { LogRing } from "../log/log-ring.ts";
import type { Json } from "../model/json.ts";
import { WHOLE } from "../model/name.ts";
import type { Hook, HookPayload } from "../model/unit-set.ts";
import { runCommand } from "../process/run-command.ts";
import { resolveReference } from "../service/transport.ts";
import type { Instance, RunningProcess } from "./instance.ts";
import { transportView } from "./instance-view.ts";
import type { Surroundings } from "./launch-plan.ts";
import { emittableSignal, settableState } from "./settable.ts";
import type { World } from "./world.ts";

/** How long a script of a hook may take. */
const SCRIPT_TIMEOUT_MS = 30_000;

/** What hooks need beside the world. */
export interface HookSide {
  readonly ring: LogRing;
  /** Throws where they cannot be had. */
  surroundings(instance: Instance): Surroundings;
  /** A request that counts as by hand. */
  request(service: string, action: "start" | "stop" | "restart" | "reload", cause: number, why: string): void;
}

/** The moment at which a list of hooks runs. */
export interface HookMoment {
  /** Key of the list: `on-start`, ... */
  readonly list: string;
  readonly instance: Instance;
  readonly run: RunningProcess | undefined;
  /** Whether the run that has ended was a success, or ended as Rind asked. */
  readonly success: boolean;
}

/**
 * Runs lists of hooks (SPEC 6.10): each entry waits for the one before; one that fails is logged and the rest runs. What changes
 * the store is a round of the transaction; scripts run outside of it, and what comes after them is an event of its own.
 */
export class HookRunner {
  readonly #world: World;
  readonly #side: HookSide;
  #commands = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(world: World, side: HookSide) {
    this.#world = world;
    this.#side = side;
  }

  /** True while a script or program of a hook runs. */
  get isBusy(): boolean {
    return this.#commands > 0;
  }

  /** Resolves when no script runs and what came after the last has been done; at once where none runs. */
  whenIdle(): Promise<void> {
    return this.isBusy ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  /** Inside a transaction; `cause` is the fact that the hooks belong to. */
  run(hooks: readonly Hook[], moment: HookMoment, cause: number): void {
    const due = hooks.filter(({ when }) => when === "always" || (when === "success") === moment.success);
    if (due.length > 0) this.#world.later(() => this.#step(due, 0, moment, cause));
  }

  #step(hooks: readonly Hook[], index: number, moment: HookMoment, cause: number): void {
    const hook = hooks[index];
    if (hook === undefined) return;
    if (hook.kind === "command") {
      this.#command(hook, moment, () => this.#continueAfterCommand(hooks, index + 1, moment));
      return;
    }
    try {
      this.#change(hook, moment, cause);
    } catch (error) {
      this.#world.log.error({ service: moment.instance.name, err: error }, `${moment.list}[${index}] failed`);
    }
    if (index + 1 < hooks.length) this.#world.later(() => this.#step(hooks, index + 1, moment, cause));
  }

  #continueAfterCommand(hooks: readonly Hook[], index: number, moment: HookMoment): void {
    if (index >= hooks.length) return;
    const { instance, list } = moment;
    this.#world.door.submit({
      what: `${list} of ${instance.name} goes on`,
      causes: () => (instance.lastFact === 0 ? [] : [instance.lastFact]),
      act: (cause) => this.#step(hooks, index, moment, cause),
    });
  }

  #change(hook: Exclude<Hook, { kind: "command" }>, moment: HookMoment, cause: number): void {
    switch (hook.kind) {
      case "emit":
        emittableSignal(this.#world.index, hook.signal);
        this.#world.apply([{ op: "emit", signal: hook.signal, payload: this.#payload(hook.payload, moment) }], [cause]);
        return;
      case "set":
        settableState(this.#world.index, hook.state);
        this.#world.apply([{ op: "set", state: hook.state, payload: this.#payload(hook.payload, moment), replace: false }], [cause]);
        return;
      case "unset":
        settableState(this.#world.index, hook.state);
        this.#world.apply([{ op: "unset", state: hook.state, filter: hook.filter }], [cause]);
        return;
      case "service":
        this.#side.request(hook.service, hook.action, cause, `${moment.list} of ${moment.instance.name}`);
        return;
      default:
        assertNever(hook);
    }
  }

  #payload(payload: HookPayload, moment: HookMoment): Json | undefined {
    switch (payload.kind) {
      case "none":
        return undefined;
      case "value":
        return payload.value;
      case "exit":
        return exitPayload(moment, this.#world.clock.now());
      case "reference": {
        const { instance } = moment;
        const resolved = resolveReference(payload.reference, transportView(instance.decl, instance.key, instance, this.#world));
        if (!resolved.ok) throw new Error(`payload: ${resolved.missing}`);
        return resolved.value;
      }
      default:
        return assertNever(payload);
    }
  }

  #command(hook: Hook & { kind: "command" }, { instance, list }: HookMoment, done: () => void): void {
    const { log } = this.#world;
    const fields = { service: instance.name, hook: list };
    const append = (stream: "stdout" | "stderr", line: Buffer): void => this.#side.ring.append(instance.name, stream, line);
    const work = async (): Promise<void> => {
      const result = await runCommand({
        ...this.#side.surroundings(instance),
        owner: `${list} of ${instance.name}`,
        program: hook.program,
        args: hook.args,
        timeoutMs: SCRIPT_TIMEOUT_MS,
        maxOutput: 0,
        onLine: append,
      });
      if (result.failure !== undefined) log.error(fields, `the script could not be started: ${result.failure.message}`);
      else if (result.timedOut) log.error(fields, `the script was killed: it took longer than ${SCRIPT_TIMEOUT_MS / 1000}s`);
      else if (result.exit?.kind !== "code" || result.exit.code !== 0) log.error({ ...fields, exit: result.exit }, "the script failed");
    };
    this.#commands += 1;
    work()
      .catch((error: unknown) => log.error({ ...fields, err: error }, "the script could not be run"))
      .finally(() => {
        done();
        this.#commands -= 1;
        if (!this.isBusy) for (const resume of this.#waiting.splice(0)) resume();
      });
  }
}

function exitPayload({ instance, run }: HookMoment, now: number): Json {
  const exit = run?.exit;
  return {
    service: instance.service,
    branch: instance.key === WHOLE ? null : instance.key,
    pid: run?.handle.pid ?? null,
    code: exit?.kind === "code" ? exit.code : null,
    signal: exit?.kind === "killed" ? exit.by : null,
    ms: run === undefined ? null : now - run.startedAt,
  };
}
