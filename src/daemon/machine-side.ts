import { ExitCode } from "../errors/exit-code.ts";
import type { Diagnostic } from "../errors/unit-error.ts";
import { systemClock } from "../lib/clock.ts";
import type { Outlet } from "../log/outlet.ts";
import type { MountDecl, UnitSet } from "../model/unit-set.ts";
import { EMERGENCY } from "../init/emergency.ts";
import { endMachine } from "../init/end-machine.ts";
import type { Ground } from "../init/ground.ts";
import type { Machine } from "../init/machine.ts";
import { mountUnits } from "../init/mount-units.ts";
import { prepareMachine } from "../init/prepare-machine.ts";
import { degrade, recover } from "../supervisor/degraded.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { LeftOut } from "../unit/leave-out.ts";
import { leftOutByItem } from "./left-out.ts";
import { lostMounts } from "./lost-mounts.ts";
import type { Stopper } from "./stopper.ts";

/**
 * What the daemon of `rind init` does for the machine beside its services: sets it up, mounts what units declare, says on the console and in
 * `rind@degraded` what is not as it should be, and takes it down at the end.
 */
export class MachineSide {
  readonly #ground: Ground;
  #console: Outlet | undefined;
  /** Said before there was a way to say it. */
  readonly #unsaid: string[] = [];
  #mounts: readonly MountDecl[] = [];
  readonly #ours = new Set<string>();
  /** By name, and why. */
  readonly #notMounted = new Map<string, string>();
  /** Of which of these `rind@degraded` knows. */
  #told: readonly string[] = [];

  private constructor(machine: Machine) {
    this.#ground = { machine, clock: systemClock, say: (line) => this.say(line) };
  }

  /** Before anything else: the daemon itself takes for granted what a bare kernel lacks. */
  static async prepare(machine: Machine): Promise<MachineSide> {
    const side = new MachineSide(machine);
    // there are no units yet that could be read anew
    process.on("SIGHUP", () => {});
    await prepareMachine(side.#ground);
    return side;
  }

  sayTo(console: Outlet): void {
    this.#console = console;
    for (const line of this.#unsaid.splice(0)) this.say(line);
  }

  say(line: string): void {
    if (this.#console === undefined) this.#unsaid.push(line);
    else this.#console.write(`rind: ${line}\n`);
  }

  /** What units lack because of errors, which have been printed. */
  sayLeftOut(leftOut: readonly LeftOut[]): void {
    if (leftOut.length > 0) this.say(`degraded, left out because of errors: ${[...leftOutByItem(leftOut).keys()].join(", ")}`);
  }

  /** Before the first service, and before the store is opened, which may lie on one of them. */
  async mount({ mounts }: Pick<UnitSet, "mounts">): Promise<void> {
    this.#mounts = mounts;
    this.#notMounted.clear();
    for (const { target } of mounts) this.#ours.add(target);
    for (const { item, message } of await mountUnits(mounts, this.#ground)) {
      this.#notMounted.set(item, message);
      this.say(`${item}: ${message}`);
    }
  }

  /** Says in `rind@degraded` what is not mounted: when the supervisor has begun to boot, and after each change of the units. */
  async tell(supervisor: Supervisor): Promise<void> {
    for (const item of this.#told) if (!this.#notMounted.has(item)) await recover(supervisor, item, `${item} is as it should be`);
    for (const [item, message] of this.#notMounted) await degrade(supervisor, item, message, `${item} is not mounted`);
    this.#told = [...this.#notMounted.keys()];
  }

  /** Other units are in force. Answers what whoever asked for that should know. */
  async unitsChanged(supervisor: Supervisor): Promise<readonly Diagnostic[]> {
    const { units } = supervisor.index;
    const lost = lostMounts(this.#mounts, units.mounts);
    await this.mount(units);
    await this.tell(supervisor);
    return lost;
  }

  /** The end of the daemon: that of the machine, or the emergency shell. Answers what PID 1 is to be told by the exit code. */
  async end(exitCode: number, { asked, ending, forced }: Stopper): Promise<number> {
    // where nobody has asked there was nothing to run (on-empty)
    const action = asked.aborted ? ending : exitCode === 0 ? "poweroff" : "emergency";
    if (action === "emergency" || action === "down") return exitCode === 0 ? EMERGENCY : Math.max(exitCode, EMERGENCY);
    return (await endMachine({ ...this.#ground, action, forced, ours: this.#ours })) ? ExitCode.done : ExitCode.failed;
  }
}
