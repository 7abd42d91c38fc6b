import type { LogRing } from "../log/log-ring.ts";
import { RindError } from "../errors/rind-error.ts";
import type { LaunchFailure } from "../model/exit.ts";
import { readEnvFile } from "../process/env-file.ts";
import type { Launched, Launcher, OutputStream, ProcessListener } from "../process/launcher.ts";
import { runCommand } from "../process/run-command.ts";
import { type Injection, inject } from "../service/transport.ts";
import type { Instance, RunningProcess, SettledUser } from "./instance.ts";
import { ownBranch, transportView } from "./instance-view.ts";
import type { Instances, ProcessRequests } from "./instances.ts";
import { instanceEnv, type LaunchGround, launchPlan, type Surroundings } from "./launch-plan.ts";
import type { Outputs } from "./outputs.ts";
import { ranAs } from "./ran-as.ts";
import type { RunUser } from "./run-user.ts";
import type { RunWatcher } from "./run-watcher.ts";
import { StopLadder } from "./stop-ladder.ts";
import { homeOf, inherited, userEnv } from "./user-env.ts";
import type { World } from "./world.ts";

/** How long a command of `run.reload` may take. */
const RELOAD_TIMEOUT_MS = 30_000;

/** What the process side needs beside the world. */
export interface ProcessSide {
  readonly launcher: Launcher;
  readonly ring: LogRing;
  readonly outputs: Outputs;
  readonly ground: () => LaunchGround;
  readonly watcher: RunWatcher;
  /** Told inside the transaction, after the machine has heard it. */
  readonly started: (instance: Instance, cause: number) => void;
  /** Told before the machine hears it: who asked for the end can still be seen. */
  readonly ended: (instance: Instance, run: RunningProcess, cause: number) => void;
}

/**
 * Carries out what the machines ask for, and brings what processes do back through the door, as the consequence of their start.
 * Nothing here decides anything.
 */
export class Processes implements ProcessRequests {
  readonly #world: World;
  readonly #side: ProcessSide;
  readonly #ladder: StopLadder;
  #instances: Instances | undefined;

  constructor(world: World, side: ProcessSide) {
    this.#world = world;
    this.#side = side;
    this.#ladder = new StopLadder(world, { ring: side.ring, surroundings: (instance) => this.surroundings(instance) });
  }

  /** To be called once, before the first launch: the two need each other. */
  connect(instances: Instances): void {
    this.#instances = instances;
  }

  launch(instance: Instance): void {
    const prepared = this.#prepare(instance);
    const launched = prepared.ok ? this.#start(instance, prepared.plan) : prepared;
    if (!launched.ok) {
      const { failure } = launched;
      this.#side.watcher.ended(instance, undefined);
      this.#submit(instance, `${instance.name} could not be started`, (cause) =>
        this.#send(instance, { type: "process.refused", failure }, cause),
      );
      return;
    }
    instance.launchedWith = { decl: instance.decl, settings: this.#world.index.units.settings };
    this.#submit(instance, `${instance.name} is up, pid ${launched.handle.pid}`, (cause) => {
      this.#send(instance, { type: "process.started" }, cause);
      this.#side.started(instance, cause);
      if (instance.process !== undefined) this.#side.watcher.began(instance, instance.process, cause);
    });
  }

  terminate(instance: Instance, abort: boolean): void {
    this.#ladder.terminate(instance, abort);
  }

  kill(instance: Instance): void {
    this.#ladder.kill(instance);
  }

  /** Sends `run.reload`: a signal to the main process, or a command beside it. A unit without it gets SIGHUP. */
  reload(instance: Instance): void {
    const { reload } = instance.decl.run;
    if (reload === undefined || reload.kind === "signal") {
      instance.process?.handle.signalMain(reload?.signal ?? "SIGHUP");
      return;
    }
    const { log } = this.#world;
    const fields = { service: instance.name };
    const append = (stream: OutputStream, line: Buffer): void => this.#side.ring.append(instance.name, stream, line);
    const work = async (): Promise<void> => {
      const command = {
        ...this.surroundings(instance),
        owner: `reload of ${instance.name}`,
        program: reload.program,
        args: reload.args,
        timeoutMs: RELOAD_TIMEOUT_MS,
        maxOutput: 0,
        onLine: append,
      };
      const { failure, timedOut, exit } = await runCommand(command);
      if (failure !== undefined || timedOut || exit?.kind !== "code" || exit.code !== 0)
        log.error({ ...fields, failure, timedOut, exit }, "run.reload failed");
    };
    work().catch((error: unknown) => log.error({ ...fields, err: error }, "run.reload could not be run"));
  }

  /** For what runs beside its process. Throws what `env-file` has wrong, and where nobody knows as whom it runs. */
  surroundings(instance: Instance): Surroundings {
    return this.#surroundings(instance, settledOf(this.#world.users.of(instance))).surroundings;
  }

  #prepare(instance: Instance): { readonly ok: true; readonly plan: ReturnType<typeof launchPlan> } | (Launched & { ok: false }) {
    try {
      const user = settledOf(this.#world.users.atLaunch(instance));
      // no restart: while it waited its branch may have got what it waited for
      if (instance.user === undefined) instance.ownBranch = ownBranch(instance.decl, instance.key, this.#world.flow) ?? instance.ownBranch;
      const { surroundings, injection } = this.#surroundings(instance, user);
      for (const warning of injection.warnings) this.#world.log.warn({ service: instance.name }, `transport: ${warning}`);
      if (injection.unmet.length > 0) return refuse(`transport: ${injection.unmet.join("; ")}`);
      instance.user = user;
      const env = { ...surroundings.env, ...this.#side.watcher.extraEnv(instance) };
      const plan = launchPlan(instance.decl, instance.key, { ...surroundings, env }, injection);
      return { ok: true, plan: { ...plan, pidVariables: this.#side.watcher.pidVariables(instance) } };
    } catch (error) {
      return refuse(error instanceof Error ? error.message : String(error));
    }
  }

  #surroundings(instance: Instance, user: SettledUser): { readonly surroundings: Surroundings; readonly injection: Injection } {
    const { decl } = instance;
    const { users } = this.#world;
    const injection = inject(decl.transport, transportView(decl, instance.key, instance, this.#world));
    const files: Record<string, string> = {};
    for (const file of decl.run.envFiles) Object.assign(files, readEnvFile(file));
    const ground = this.#side.ground();
    const parts = { user: userEnv(user, users.folderFor(user), ground.settings), files, transport: injection.env };
    const env = instanceEnv(decl, instance.key, { ...ground, baseEnv: inherited(user, ground.baseEnv) }, parts);
    return { surroundings: { env, cwd: decl.run.cwd ?? homeOf(user), identity: user.identity }, injection };
  }

  #start(instance: Instance, plan: ReturnType<typeof launchPlan>): Launched {
    const { logFolder } = this.#world.index.units.settings;
    const onLine = (stream: OutputStream, line: Buffer): void => this.#side.watcher.line(instance, stream, line);
    const output = this.#side.outputs.open({ instance: instance.name, log: instance.decl.log, logFolder, onLine });
    const listener: ProcessListener = {
      output: output.output,
      outputEnded: output.ended,
      exited: (exit) => {
        const run = instance.process;
        if (run === undefined) return;
        run.exit = exit;
        this.#submit(instance, `${instance.name} ended`, (cause) => this.#ended(instance, run, cause));
      },
    };
    const launched = this.#side.launcher.launch(plan, listener);
    if (launched.ok) output.from(launched.handle);
    else output.ended();
    if (launched.ok) instance.ran = ranAs(plan.identity, instance.ran, this.#side.ring.lastSeq);
    if (launched.ok) instance.process = { handle: launched.handle, startedAt: this.#world.clock.now(), exit: undefined, ending: undefined };
    return launched;
  }

  #ended(instance: Instance, run: RunningProcess, cause: number): void {
    if (run.exit === undefined) return;
    const left = !this.#ladder.isOver(run);
    this.#side.ended(instance, run, cause);
    this.#side.watcher.ended(instance, run);
    if (left) {
      this.#ladder.whenOver(run, () => {
        this.#submit(instance, `${instance.name} left nothing behind`, (id) => {
          this.#forget(instance, run);
          this.#send(instance, { type: "process.gone" }, id);
        });
      });
    } else this.#forget(instance, run);
    this.#send(instance, { type: "process.exited", exit: run.exit, left }, cause);
  }

  #forget(instance: Instance, run: RunningProcess): void {
    this.#ladder.forget(run);
    if (instance.process === run) instance.process = undefined;
  }

  #submit(instance: Instance, what: string, act: (cause: number) => void): void {
    this.#world.door.submit({ what, causes: () => (instance.lastFact === 0 ? [] : [instance.lastFact]), act });
  }

  #send(instance: Instance, event: Parameters<Instances["send"]>[1], cause: number): void {
    this.#instances?.send(instance, event, cause);
  }
}

function settledOf(user: RunUser): SettledUser {
  if (user.kind === "waits" || user.kind === "fails") throw new RindError(`user: ${user.why}`);
  return user;
}

function refuse(message: string): { readonly ok: false; readonly failure: LaunchFailure } {
  return { ok: false, failure: { kind: "bad-plan", message } };
}
