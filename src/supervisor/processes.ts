import { LineSplitter } from "../log/line-splitter.ts";
import type { LogRing } from "../log/log-ring.ts";
import type { LaunchFailure } from "../model/exit.ts";
import { readEnvFile } from "../process/env-file.ts";
import type { Launched, Launcher, OutputStream, ProcessListener } from "../process/launcher.ts";
import { runCommand } from "../process/run-command.ts";
import { type Injection, inject } from "../service/transport.ts";
import type { Instance, RunningProcess } from "./instance.ts";
import { transportView } from "./instance-view.ts";
import type { Instances, ProcessRequests } from "./instances.ts";
import { instanceEnv, type LaunchGround, launchPlan } from "./launch-plan.ts";
import type { World } from "./world.ts";

/** How long a command of `run.reload` may take. */
const RELOAD_TIMEOUT_MS = 30_000;

/** What the process side needs beside the world. */
export interface ProcessSide {
  readonly launcher: Launcher;
  readonly ring: LogRing;
  readonly ground: () => LaunchGround;
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
  #instances: Instances | undefined;

  constructor(world: World, side: ProcessSide) {
    this.#world = world;
    this.#side = side;
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
      this.#submit(instance, `${instance.name} could not be started`, (cause) =>
        this.#send(instance, { type: "process.refused", failure }, cause),
      );
      return;
    }
    instance.launchedWith = { decl: instance.decl, settings: this.#world.index.units.settings };
    this.#submit(instance, `${instance.name} is up, pid ${launched.handle.pid}`, (cause) => {
      this.#send(instance, { type: "process.started" }, cause);
      this.#side.started(instance, cause);
    });
  }

  terminate(instance: Instance): void {
    instance.process?.handle.signal(instance.decl.stopSignal);
  }

  kill(instance: Instance): void {
    instance.process?.handle.signal("SIGKILL");
  }

  /** Sends `run.reload`: a signal to the main process, or a command beside it. A unit without it gets SIGHUP. */
  reload(instance: Instance): void {
    const { reload, cwd } = instance.decl.run;
    if (reload === undefined || reload.kind === "signal") {
      instance.process?.handle.signalMain(reload?.signal ?? "SIGHUP");
      return;
    }
    const { log } = this.#world;
    const fields = { service: instance.name };
    const append = (stream: OutputStream, line: Buffer): void => this.#side.ring.append(instance.name, stream, line);
    const work = async (): Promise<void> => {
      const env = this.envFor(instance);
      const command = {
        owner: `reload of ${instance.name}`,
        program: reload.program,
        args: reload.args,
        env,
        cwd,
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

  /** Environment of an instance as it would start now: for hooks and reload commands. Throws what `env-file` has wrong. */
  envFor(instance: Instance): Record<string, string> {
    return this.#environment(instance).env;
  }

  #prepare(instance: Instance): { readonly ok: true; readonly plan: ReturnType<typeof launchPlan> } | (Launched & { ok: false }) {
    try {
      const { env, injection } = this.#environment(instance);
      for (const warning of injection.warnings) this.#world.log.warn({ service: instance.name }, `transport: ${warning}`);
      if (injection.unmet.length > 0) return refuse(`transport: ${injection.unmet.join("; ")}`);
      return { ok: true, plan: launchPlan(instance.decl, instance.key, env, injection) };
    } catch (error) {
      return refuse(error instanceof Error ? error.message : String(error));
    }
  }

  #environment(instance: Instance): { readonly env: Record<string, string>; readonly injection: Injection } {
    const { decl } = instance;
    const injection = inject(decl.transport, transportView(decl, instance.key, instance, this.#world));
    const fromFiles: Record<string, string> = {};
    for (const file of decl.run.envFiles) Object.assign(fromFiles, readEnvFile(file));
    return { env: instanceEnv(decl, instance.key, this.#side.ground(), fromFiles, injection), injection };
  }

  #start(instance: Instance, plan: ReturnType<typeof launchPlan>): Launched {
    this.#side.ring.setLines(instance.name, instance.decl.log.lines);
    const splitters = { stdout: this.#splitter(instance, "stdout"), stderr: this.#splitter(instance, "stderr") };
    const listener: ProcessListener = {
      output: (stream, bytes) => splitters[stream].push(bytes),
      outputEnded: () => {
        splitters.stdout.end();
        splitters.stderr.end();
      },
      exited: (exit) => {
        const run = instance.process;
        if (run === undefined) return;
        run.exit = exit;
        this.#submit(instance, `${instance.name} ended`, (cause) => this.#ended(instance, run, cause));
      },
    };
    const launched = this.#side.launcher.launch(plan, listener);
    if (launched.ok) instance.process = { handle: launched.handle, startedAt: this.#world.clock.now(), exit: undefined };
    return launched;
  }

  #ended(instance: Instance, run: RunningProcess, cause: number): void {
    if (run.exit === undefined) return;
    const left = run.handle.alive();
    this.#side.ended(instance, run, cause);
    if (left) {
      run.handle.whenGone(() => {
        this.#submit(instance, `${instance.name} left nothing behind`, (id) => {
          this.#forget(instance, run);
          this.#send(instance, { type: "process.gone" }, id);
        });
      });
    } else this.#forget(instance, run);
    this.#send(instance, { type: "process.exited", exit: run.exit, left }, cause);
  }

  #forget(instance: Instance, run: RunningProcess): void {
    if (instance.process === run) instance.process = undefined;
  }

  #splitter(instance: Instance, stream: OutputStream): LineSplitter {
    return new LineSplitter((line) => this.#side.ring.append(instance.name, stream, line));
  }

  #submit(instance: Instance, what: string, act: (cause: number) => void): void {
    this.#world.door.submit({ what, causes: () => (instance.lastFact === 0 ? [] : [instance.lastFact]), act });
  }

  #send(instance: Instance, event: Parameters<Instances["send"]>[1], cause: number): void {
    this.#instances?.send(instance, event, cause);
  }
}

function refuse(message: string): { readonly ok: false; readonly failure: LaunchFailure } {
  return { ok: false, failure: { kind: "bad-plan", message } };
}
