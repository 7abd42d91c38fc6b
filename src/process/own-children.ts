import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";

/**
 * The children that Node has started and will reap itself, whoever asked it to: to reap one of them would take its exit away.
 *
 * Node tells of each just before it is started, in the same turn, so none is missed and nobody has to remember to register it.
 */
export class OwnChildren {
  readonly #starting: ChildProcess[] = [];
  readonly #pids = new Set<number>();

  constructor() {
    // What node:diagnostics_channel documents for "child_process".
    subscribe("child_process", (message) => void this.#starting.push((message as { process: ChildProcess }).process));
  }

  has(pid: number): boolean {
    for (const child of this.#starting.splice(0)) {
      const { pid: started } = child;
      if (started === undefined || child.exitCode !== null || child.signalCode !== null) continue;
      this.#pids.add(started);
      child.once("exit", () => this.#pids.delete(started));
    }
    return this.#pids.has(pid);
  }
}
