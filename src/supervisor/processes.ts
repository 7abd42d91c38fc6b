import type { LogRing } from "../log/log-ring.ts";
import { RindError } from "../errors/rind-error.ts";
import type { LaunchFailure } from "../model/exit.ts";
import { readEnvFile } from "../process/env-file.ts";
import { bursts } from "../process/bursts.ts";
import type { Launcher, LaunchPlan, OutputStream, ProcessHandle } from "../process/launcher.ts";
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

type Prepared = { readonly ok: true; readonly plan: LaunchPlan } | { readonly ok: false; readonly failure: LaunchFailure };

/**
 * Carries out what the machines ask for, and brings what processes do back through the door, as the consequence of their start.
 * Nothing here decides anything.
 */
export class Processes implements ProcessRequests {
  readonly #world: World;
  readonly #side: ProcessSide;
  readonly #ladder: StopLadder;
  /** What is being started, and what it is told at once when its process is there. */
  readonly #launching = new Map<Instance, "terminate" | "abort" | "kill" | undefined>();
  #instances: Instances | undefined;

  constructor(world: World, side: ProcessSide) {
    this.#world = world;
    this.#side = side;
    this.#ladder = new StopLadder(world, { ring: side.ring, surroundings: (instance) => this.surroundings(instance) });
    bursts.carriedBy((burst) => world.door.together(burst));
  }

  /** To be called once, before the first launch: the two need each other. */
  connect(instances: Instances): void {
    this.#instances = instances;
  }

  launch(instance: Instance): void {
    const prepared = this.#prepare(instance);
    if (!prepared.ok) {
      this.#refused(instance, prepared.failure);
      return;
    }
    this.#launching.set(instance, undefined);
    this.#start(instance, prepared.plan);
  }

  terminate(instance: Instance, abort: boolean): void {
    if (this.#launching.has(instance)) this.#launching.set(instance, abort ? "abort" : "terminate");
    else this.#ladder.terminate(instance, abort);
  }

  kill(instance: Instance): void {
    if (this.#launching.has(instance)) this.#launching.set(instance, "kill");
    else this.#ladder.kill(instance);
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

  #prepare(instance: Instance): Prepared {
    try {
      const user = settledOf(this.#world.users.atLaunch(instance));
      // no restart: while it waited its branch may have got what it waited for
      if (instance.user === undefined) instance.ownBranch = ownBranch(instance.decl, instance.key, this.#world.flow) ?? instance.ownBranch;
      const { surroundings, injection } = this.#surroundings(instance, user);
      for (const warning of injection.warnings) this.#world.log.warn({ service: instance.name }, `transport: ${warning}`);
      if (injection.unmet.length > 0) return refuse(`transport: ${injection.unmet.join("; ")}`);
      instance.user = user;
      Object.assign(surroundings.env, this.#side.watcher.extraEnv(instance));
      return { ok: true, plan: launchPlan(instance, surroundings, injection, this.#side.watcher.pidVariables(instance)) };
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

  #start(instance: Instance, plan: LaunchPlan): void {
    const { settings } = this.#world.index.units;
    const { logFolder } = settings;
    const before = instance.launchedWith;
    instance.launchedWith = { decl: instance.decl, settings };
    const lineReader = (): ((line: Buffer) => void) | undefined => this.#side.watcher.lineReader(instance);
    const output = this.#side.outputs.open({ instance: instance.name, log: instance.decl.log, logFolder, lineReader });
    this.#side.launcher.launch(plan, {
      started: (handle) => {
        output.from(handle);
        this.#started(instance, plan, handle);
      },
      refused: (failure) => {
        output.ended();
        this.#launching.delete(instance);
        instance.launchedWith = before;
        this.#refused(instance, failure);
      },
      output: output.output,
      outputEnded: output.ended,
      exited: (exit) => {
        const run = instance.process;
        if (run === undefined) return;
        run.exit = exit;
        this.#submit(instance, `${instance.name} ended`, (cause) => this.#ended(instance, run, cause));
      },
    });
  }

  #started(instance: Instance, plan: LaunchPlan, handle: ProcessHandle): void {
    const run: RunningProcess = { handle, startedAt: this.#world.clock.now(), exit: undefined, ending: undefined };
    instance.ran = ranAs(plan.identity, instance.ran, this.#side.ring.lastSeq);
    instance.process = run;
    const order = this.#launching.get(instance);
    this.#launching.delete(instance);
    if (order === "kill") this.#ladder.kill(instance);
    else if (order !== undefined) this.#ladder.terminate(instance, order === "abort");
    this.#submit(instance, `${instance.name} is up, pid ${handle.pid}`, (cause) => {
      this.#send(instance, { type: "process.started" }, cause);
      this.#side.started(instance, cause);
      if (instance.phase === "starting" || instance.phase === "running") this.#side.watcher.began(instance, run, cause);
    });
  }

  #refused(instance: Instance, failure: LaunchFailure): void {
    this.#side.watcher.ended(instance, undefined);
    this.#submit(instance, `${instance.name} could not be started`, (cause) =>
      this.#send(instance, { type: "process.refused", failure }, cause),
    );
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
