import type { LogRing } from "../log/log-ring.ts";
import type { ProgramCall } from "../model/unit-set.ts";
import { runCommand } from "../process/run-command.ts";
import type { Instance, RunningProcess } from "./instance.ts";
import type { Surroundings } from "./launch-plan.ts";
import type { World } from "./world.ts";

/** What the ladder needs beside the world. */
export interface LadderSide {
  readonly ring: LogRing;
  /** Throws where they cannot be had. */
  surroundings(instance: Instance): Surroundings;
}

/** What a kill has not ended after this is killed again: a process may have been on its way in when the others were found. */
const KILL_AGAIN_MS = 1_000;

/** How long a timer may be: the machine ends a stop-command, when the time for the stop is over. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The end of a run (SPEC 6.6): `stop-command`, then the stop signal to all of it, and SIGKILL to all of it when the machine says so.
 * The stop signal is sent once. A run is over when nothing of it lives and its `stop-command` has ended: that could hit the next run.
 */
export class StopLadder {
  readonly #world: World;
  readonly #side: LadderSide;
  readonly #commands = new Map<RunningProcess, { readonly abort: AbortController; readonly after: (() => void)[] }>();
  readonly #kills = new Map<RunningProcess, unknown>();

  constructor(world: World, side: LadderSide) {
    this.#world = world;
    this.#side = side;
  }

  /** `abort`: SIGABRT at once in place of the command and the stop signal. */
  terminate(instance: Instance, abort: boolean): void {
    const run = instance.process;
    if (run === undefined) return;
    const { stopCommand, stopSignal } = instance.decl;
    if (stopCommand === undefined || abort) signal(run, abort ? "SIGABRT" : stopSignal);
    else this.#command(instance, run, stopCommand);
  }

  /** Kills until nothing is left. */
  kill(instance: Instance): void {
    const run = instance.process;
    if (run === undefined) return;
    this.#commands.get(run)?.abort.abort();
    run.ending = "kill";
    this.#kill(run);
  }

  isOver(run: RunningProcess): boolean {
    return !this.#commands.has(run) && !run.handle.alive();
  }

  /** Calls back once, when the run is over; never inside of this call. To be asked after its main process has ended. */
  whenOver(run: RunningProcess, onOver: () => void): void {
    run.handle.whenGone(() => {
      const command = this.#commands.get(run);
      if (command === undefined) onOver();
      else command.after.push(onOver);
    });
  }

  /** The run is over. */
  forget(run: RunningProcess): void {
    this.#world.clock.clearTimeout(this.#kills.get(run));
    this.#kills.delete(run);
  }

  #kill(run: RunningProcess): void {
    const { clock } = this.#world;
    clock.clearTimeout(this.#kills.get(run));
    if (!run.handle.signal("SIGKILL")) return;
    this.#kills.set(
      run,
      clock.setTimeout(() => this.#kill(run), KILL_AGAIN_MS),
    );
  }

  #command(instance: Instance, run: RunningProcess, call: ProgramCall): void {
    const command = { abort: new AbortController(), after: [] };
    this.#commands.set(run, command);
    run.ending = "command";
    this.#runCommand(instance, run, call, command.abort.signal)
      .catch((error: unknown) => this.#world.log.error({ service: instance.name, err: error }, "stop-command could not be run"))
      .finally(() => this.#commandEnded(instance, run));
  }

  #commandEnded(instance: Instance, run: RunningProcess): void {
    const command = this.#commands.get(run);
    this.#commands.delete(run);
    if (command?.abort.signal.aborted === false && run.handle.alive()) signal(run, instance.decl.stopSignal);
    for (const onOver of command?.after ?? []) onOver();
  }

  async #runCommand(instance: Instance, run: RunningProcess, { program, args }: ProgramCall, abort: AbortSignal): Promise<void> {
    const surroundings = this.#side.surroundings(instance);
    if (run.exit === undefined) surroundings.env["MAINPID"] = String(run.handle.mainPid());
    const { failure, exit } = await runCommand({
      owner: `stop-command of ${instance.name}`,
      program,
      args,
      ...surroundings,
      timeoutMs: NO_TIMEOUT_MS,
      maxOutput: 0,
      onLine: (stream, line) => this.#side.ring.append(instance.name, stream, line),
      abort,
    });
    if (abort.aborted) this.#world.log.error({ service: instance.name }, "stop-command was killed: the time for the stop is over");
    else if (failure !== undefined || exit?.kind !== "code" || exit.code !== 0)
      this.#world.log.error({ service: instance.name, failure, exit }, "stop-command failed");
  }
}

function signal(run: RunningProcess, killSignal: NodeJS.Signals): void {
  run.ending = "signal";
  run.handle.signal(killSignal);
}
