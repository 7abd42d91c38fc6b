/** Knows what boot has started, and when all of it runs, has ended or waits: the moment of `rind@up`. */
export class BootWatch {
  #starting: Set<string> | undefined;

  begin(): void {
    this.#starting = new Set();
  }

  /** The instance has begun to start, or does so no more. */
  note(instance: string, isStarting: boolean): void {
    if (isStarting) this.#starting?.add(instance);
    else this.#starting?.delete(instance);
  }

  /** True once: when nothing that boot has started is still starting. Asked at the end of each transaction. */
  isOver(): boolean {
    if (this.#starting === undefined || this.#starting.size > 0) return false;
    this.#starting = undefined;
    return true;
  }
}
