import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";

/**
 * The children that Node has started and will reap itself, whoever asked it to: to reap one of them would take its exit away.
 *
 * Node tells of each just before it is started, in the same turn, so none is missed and nobody has to remember to register it.
 */
export class OwnChildren {
  readonly #pids = new Set<number>();
  #starting: ChildProcess | undefined;

  constructor() {
    // What node:diagnostics_channel documents for "child_process".
    subscribe("child_process", (message) => {
      this.#note();
      this.#starting = (message as { process: ChildProcess }).process;
    });
  }

  has(pid: number): boolean {
    this.#note();
    return this.#pids.has(pid);
  }

  /** The one that was told of last has its pid by now, or could not be started. */
  #note(): void {
    const child = this.#starting;
    this.#starting = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const { pid } = child;
    this.#pids.add(pid);
    child.once("exit", () => this.#pids.delete(pid));
  }
}
