import type { LogRing } from "../log/log-ring.ts";
import type { Instance } from "./instance.ts";
import type { InstanceObserver } from "./instances.ts";

/** How many instances that are no more keep what they have printed. */
const KEPT = 256;

/**
 * What an instance has printed stays readable when its branch is gone, but not for ever: there may be a new branch each minute, and
 * the ring would keep something of each.
 */
export class GoneLogs implements InstanceObserver {
  readonly #ring: LogRing;
  /** Oldest first. */
  readonly #gone = new Set<string>();

  constructor(ring: LogRing) {
    this.#ring = ring;
  }

  /** One of the same name is back. */
  phase({ name }: Instance): void {
    this.#gone.delete(name);
  }

  buried({ name }: Instance): void {
    this.#gone.add(name);
    const [oldest] = this.#gone;
    if (this.#gone.size <= KEPT || oldest === undefined) return;
    this.#gone.delete(oldest);
    this.#ring.forget(oldest);
  }
}
