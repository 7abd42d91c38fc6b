import type { Phase } from "../model/phase.ts";
import { type FlatState, type FlatTransition, flatten } from "./flat-machine.ts";
import { ACTIONS, type Doing, type InstanceAction, type TimerName } from "./instance-actions.ts";
import { type InstanceContext, type InstanceInput, initialContext } from "./instance-context.ts";
import type { InstanceEvent } from "./instance-events.ts";
import { GUARDS, type InstanceGuard } from "./instance-guards.ts";
import { serviceMachine } from "./service-machine.ts";

/** What actors need of the world: one for all of them, which knows them by the name of their instance. */
export interface ActorHost {
  /** An event was taken: the context may be another one now, and the phase. */
  took(instance: string): void;
  /** It threw, and takes no event any more. */
  broke(instance: string, error: unknown): void;
  launch(instance: string): void;
  terminate(instance: string, abort: boolean): void;
  kill(instance: string): void;
  /** Calls `elapsed` in `ms` milliseconds, as an event of its own. Answers what `clearTimer` takes. */
  setTimer(instance: string, elapsed: () => void, ms: number): unknown;
  clearTimer(id: unknown): void;
}

type State = FlatState<InstanceAction, InstanceGuard>;
type Transition = FlatTransition<InstanceAction, InstanceGuard>;
interface Timer {
  id: unknown;
}

const INITIAL: State = flatten<InstanceAction, InstanceGuard>(serviceMachine, { actions: ACTIONS, guards: GUARDS });
const INIT: InstanceEvent = { type: "xstate.init" };

/**
 * Runs the machine of one instance, as an actor of XState would (a test compares the two event by event), for a tenth of its time and
 * memory: with one level of states, and neither children nor inspectors, a transition is a look-up.
 *
 * Events are taken one at a time: one that is sent while another is being taken waits. Who throws ends this actor and nothing else.
 */
export class InstanceActor implements Doing {
  readonly #host: ActorHost;
  #state = INITIAL;
  #context: InstanceContext;
  #timers: Map<TimerName, Timer> | undefined;
  #waiting: InstanceEvent[] | undefined;
  #isCopied = false;
  #isTaking = false;
  #isOver = false;

  constructor(input: InstanceInput, host: ActorHost) {
    this.#host = host;
    this.#context = initialContext(input);
    this.#leaveTransient(INIT);
  }

  /** What it wrote down. */
  get context(): InstanceContext {
    return this.#context;
  }

  get phase(): Phase {
    return this.#state.name as Phase; // what is left at once is never seen
  }

  /** It takes no event any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  send(event: InstanceEvent): void {
    if (this.#isOver) return;
    if (this.#isTaking) {
      this.#waiting ??= [];
      this.#waiting.push(event);
      return;
    }
    this.#isTaking = true;
    try {
      this.#take(event);
      // of the few that come in between
      for (let next = this.#waiting?.shift(); next !== undefined; next = this.#waiting?.shift()) this.#take(next);
    } finally {
      this.#isTaking = false;
    }
  }

  /** From now on it takes no event, and none of its timers goes off. */
  stop(): void {
    this.#isOver = true;
    for (const { id } of this.#timers?.values() ?? []) this.#host.clearTimer(id);
    this.#timers = undefined;
    this.#waiting = undefined;
  }

  launch(): void {
    this.#host.launch(this.#context.name);
  }

  terminate(abort: boolean): void {
    this.#host.terminate(this.#context.name, abort);
  }

  kill(): void {
    this.#host.kill(this.#context.name);
  }

  arm(name: TimerName, ms: number, event: InstanceEvent): void {
    this.disarm(name);
    const timer: Timer = { id: undefined };
    const elapsed = (): void => {
      // it may have been put off while its event waited for its turn
      if (this.#timers?.get(name) !== timer) return;
      this.#timers.delete(name);
      this.send(event);
    };
    timer.id = this.#host.setTimer(this.#context.name, elapsed, ms);
    this.#timers ??= new Map();
    this.#timers.set(name, timer);
  }

  disarm(name: TimerName): void {
    const timer = this.#timers?.get(name);
    if (timer === undefined) return;
    this.#host.clearTimer(timer.id);
    this.#timers?.delete(name);
  }

  #take(event: InstanceEvent): void {
    if (this.#isOver) return;
    try {
      const taken = this.#choose(this.#state.on.get(event.type), event);
      if (taken === undefined) return;
      this.#isCopied = false;
      this.#follow(taken, event);
      this.#leaveTransient(event);
    } catch (error) {
      this.stop();
      this.#host.broke(this.#context.name, error);
      return;
    }
    this.#host.took(this.#context.name);
  }

  #leaveTransient(event: InstanceEvent): void {
    for (let { always } = this.#state; always.length > 0; { always } = this.#state) {
      const taken = this.#choose(always, event);
      if (taken === undefined) return;
      this.#follow(taken, event);
    }
  }

  #choose(candidates: readonly Transition[] | undefined, event: InstanceEvent): Transition | undefined {
    if (candidates === undefined) return undefined;
    return candidates.find(({ guard }) => guard === undefined || guard(this.#context, event));
  }

  #follow({ target, actions }: Transition, event: InstanceEvent): void {
    if (target !== undefined) this.#do(this.#state.exit, event);
    this.#do(actions, event);
    if (target === undefined) return;
    this.#state = target;
    this.#do(target.entry, event);
  }

  #do(actions: readonly InstanceAction[], event: InstanceEvent): void {
    for (const action of actions) {
      const part = action(this.#context, event, this);
      if (part === undefined) continue;
      // one copy for all that an event writes down: what others have of the last event stays as it was
      if (!this.#isCopied) this.#context = { ...this.#context };
      this.#isCopied = true;
      Object.assign(this.#context, part);
    }
  }
}
