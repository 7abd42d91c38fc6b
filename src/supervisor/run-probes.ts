import type { Clock } from "../lib/clock.ts";
import type { HealthDecl, ReadyDecl } from "../model/unit-set.ts";
import type { LookingProbe, ProbeResult } from "../process/probes/look.ts";
import type { InstanceEvent } from "../service/instance-events.ts";
import type { NotifyWord } from "../service/notify-message.ts";
import type { Attempt } from "../service/probe-schedule.ts";
import { Watchdog } from "../service/watchdog.ts";
import { FollowedProbe } from "./followed-probe.ts";
import type { Instance, RunningProcess } from "./instance.ts";
import type { Surroundings } from "./launch-plan.ts";
import type { Prober } from "./prober.ts";

/** What following one run needs beside the run. */
export interface RunSide {
  readonly clock: Clock;
  readonly prober: Prober;
  /** It was given a socket to give signs of life on. */
  readonly canSpeak: boolean;
  /** Of what it runs. May throw. */
  readonly surroundings: () => Surroundings;
  /** Brings what was found out to the machine; `what` says it to people. */
  readonly tell: (event: InstanceEvent, what: string) => void;
}

/** How much later the end of the time must come to be worth an event: a process may ask for more with each step that it takes. */
const EXTENSION_MS = 100;

/** For what looks without running anything. */
const NOWHERE: Surroundings = { env: {}, cwd: "/", identity: undefined };

/**
 * All that is found out about one run: whether it is ready and healthy, and whether it gives signs of life. `health` begins when it is ready for
 * the first time. From `rest` on, when it is being stopped, nothing is told but that it asks for more time to end.
 */
export class RunProbes {
  readonly run: RunningProcess;
  readonly #instance: Instance;
  readonly #side: RunSide;
  readonly #watchdog: Watchdog | undefined;
  #surroundings: Surroundings | undefined;
  #ready: FollowedProbe | undefined;
  #health: FollowedProbe | undefined;
  #wasReady = false;
  #isResting = false;
  #extendedTo = 0;
  /** What it said of itself last: before anybody looked at its health, perhaps. */
  #lastTold: ProbeResult | undefined;
  #statusText: string | null = null;

  constructor(instance: Instance, run: RunningProcess, side: RunSide) {
    this.run = run;
    this.#instance = instance;
    this.#side = side;
    const { watchdog } = instance.decl;
    if (watchdog !== undefined && side.canSpeak) {
      const missed = (reason: string): void => side.tell({ type: "watchdog.missed", reason }, `watchdog of ${instance.name}: ${reason}`);
      this.#watchdog = new Watchdog(side.clock, watchdog.intervalMs, missed);
      if (!watchdog.requireReady) this.#watchdog.arm();
    }
    this.#follow(undefined);
  }

  /** What it says about itself (STATUS=). */
  get statusText(): string | null {
    return this.#statusText;
  }

  /** What the probe of its readiness has seen last; undefined: it has none. */
  seen(): string | undefined {
    return this.#ready?.describe();
  }

  /** Whether what it prints can still change anything. */
  get wantsLines(): boolean {
    return this.#ready?.wantsLines === true || this.#health?.wantsLines === true;
  }

  printed(line: Buffer): void {
    this.#ready?.printed(line);
    this.#health?.printed(line);
  }

  heard(word: NotifyWord): void {
    switch (word.kind) {
      case "ready":
        this.#told({ ok: true });
        this.#watchdog?.arm();
        return;
      case "reloading":
        this.#told({ ok: false, why: "it reloads (RELOADING=1)" });
        return;
      case "stopping":
        this.#told({ ok: false, why: "it is about to end (STOPPING=1)" });
        this.#watchdog?.end();
        return;
      case "status":
        this.#statusText = word.text === "" ? null : word.text;
        return;
      case "watchdog":
        this.#watchdog?.sign();
        return;
      case "watchdog-trigger":
        this.#watchdog?.trigger();
        return;
      case "watchdog-interval":
        this.#watchdog?.setInterval(word.ms);
        return;
      case "extend-timeout":
        this.#extend(word.ms);
        return;
      case "main-pid":
        this.run.handle.nameMain(word.pid);
        return;
    }
  }

  /** Its unit is another one: takes over what is new in the probes, and goes on from what was found out so far. */
  redeclared(): void {
    if (this.#isResting) return;
    const { ready, health } = this.#declared();
    const { context } = this.#instance;
    if (!isSame(this.#ready?.decl, ready)) this.#follow(context.ready ? true : undefined);
    if (this.#health !== undefined && !isSame(this.#health.decl, health)) this.#followHealth(context.healthy ?? undefined);
    else if (this.#wasReady && this.#health === undefined) this.#followHealth(undefined);
  }

  /** It is being stopped: nobody looks at it any more. */
  rest(): void {
    this.#isResting = true;
    this.#extendedTo = 0;
    this.#watchdog?.end();
    this.#ready?.end();
    this.#health?.end();
  }

  #declared(): { readonly ready: ReadyDecl | undefined; readonly health: HealthDecl | undefined } {
    const { type, ready, health } = this.#instance.decl;
    // a oneshot is ready when it has succeeded, and then there is nothing to look at
    return type === "oneshot" ? { ready: undefined, health: undefined } : { ready, health };
  }

  #follow(verdict: boolean | undefined): void {
    this.#ready?.end();
    this.#ready = undefined;
    const { ready } = this.#declared();
    if (ready === undefined) {
      if (this.#instance.decl.type !== "oneshot") this.#becameReady();
      return;
    }
    const passed = this.#side.clock.now() - this.run.startedAt;
    this.#ready = new FollowedProbe(ready, Math.max(ready.initialDelayMs - passed, 0), verdict, {
      clock: this.#side.clock,
      attempt: (probe, timeoutMs) => this.#attempt("ready", probe, timeoutMs),
      onVerdict: (is, reason) => {
        this.#side.tell({ type: "ready.changed", ready: is, reason }, `${this.#instance.name} is ${is ? "" : "not "}ready: ${reason}`);
        if (!is) return;
        this.#watchdog?.arm();
        this.#becameReady();
      },
    });
  }

  #becameReady(): void {
    if (this.#wasReady) return;
    this.#wasReady = true;
    this.#followHealth(undefined);
  }

  #followHealth(verdict: boolean | undefined): void {
    this.#health?.end();
    this.#health = undefined;
    const { health } = this.#declared();
    // what was told at once may have brought about the end of the run
    if (health === undefined || this.#isResting) return;
    this.#health = new FollowedProbe(health, health.initialDelayMs, verdict, {
      clock: this.#side.clock,
      attempt: (probe, timeoutMs) => this.#attempt("health", probe, timeoutMs),
      onVerdict: (is, reason) =>
        this.#side.tell(
          { type: "health.changed", healthy: is, reason },
          `${this.#instance.name} is ${is ? "healthy" : "unhealthy"}: ${reason}`,
        ),
    });
    if (this.#lastTold !== undefined) this.#health.told(this.#lastTold);
  }

  #attempt(list: string, probe: LookingProbe, timeoutMs: number): Attempt {
    const { prober, clock } = this.#side;
    return (done) => {
      let surroundings: Surroundings = NOWHERE;
      try {
        if (probe.kind === "exec") surroundings = this.#surroundings ??= this.#side.surroundings();
      } catch (error) {
        const timer = clock.setTimeout(() => done({ ok: false, why: error instanceof Error ? error.message : String(error) }), 0);
        return () => clock.clearTimeout(timer);
      }
      return prober.look(probe, { ...surroundings, owner: `${list} of ${this.#instance.name}`, timeoutMs }, done);
    };
  }

  #told(result: ProbeResult): void {
    if (this.#isResting) return;
    this.#lastTold = result;
    const health = this.#health;
    this.#ready?.told(result);
    health?.told(result);
  }

  #extend(ms: number): void {
    const to = this.#side.clock.now() + ms;
    if (to < this.#extendedTo + EXTENSION_MS) return;
    this.#extendedTo = to;
    this.#side.tell({ type: "start.extended", ms }, `${this.#instance.name} asks for more time`);
  }
}

function isSame(before: ReadyDecl | HealthDecl | undefined, now: ReadyDecl | HealthDecl | undefined): boolean {
  return JSON.stringify(before) === JSON.stringify(now);
}
