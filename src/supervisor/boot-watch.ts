import type { Phase } from "../model/phase.ts";

/** Knows what boot has started, and when all of it runs, has ended or waits: the moment of `rind@up`. */
export class BootWatch {
  #starting: Set<string> | undefined;

  begin(): void {
    this.#starting = new Set();
  }

  started(instance: string): void {
    this.#starting?.add(instance);
  }

  /** True once: when nothing that boot has started is still starting. Asked at the end of each transaction. */
  isOver(phaseOf: (instance: string) => Phase | undefined): boolean {
    if (this.#starting === undefined) return false;
    for (const name of this.#starting) if (phaseOf(name) !== "starting") this.#starting.delete(name);
    if (this.#starting.size > 0) return false;
    this.#starting = undefined;
    return true;
  }
}
