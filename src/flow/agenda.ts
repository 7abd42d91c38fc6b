import { type Causes, NO_CAUSE } from "./causes.ts";
import { Heap } from "./heap.ts";

/** What is left to do in the step under way, and what it is done because of. Shared by everything that takes part. */
export class Agenda {
  /** Cause of the marks that are made now. */
  causes: Causes = NO_CAUSE;
  /** States whose auto-payload must be asked for. */
  due: string[] = [];
  readonly #scheduled = new Set<number>();
  readonly #order = new Heap<number>((a, b) => a < b);

  schedule(component: number): void {
    if (this.#scheduled.has(component)) return;
    this.#scheduled.add(component);
    this.#order.push(component);
  }

  /** The first component in the order of evaluation that has something to look at. */
  next(): number | undefined {
    const component = this.#order.pop();
    if (component !== undefined) this.#scheduled.delete(component);
    return component;
  }
}
