import { degrade, recover } from "../supervisor/degraded.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { LeftOut } from "../unit/leave-out.ts";

/** What units lack because of errors, and why, by item: by file where all of that is left out. */
export function leftOutByItem(leftOut: readonly LeftOut[]): ReadonlyMap<string, string> {
  const byItem = new Map<string, string>();
  for (const { item = "", file, message } of leftOut) {
    const name = item === "" ? file : item;
    const before = byItem.get(name);
    byItem.set(name, before === undefined ? message : `${before}; ${message}`);
  }
  return byItem;
}

/** Says in `rind@degraded` what the units in force lack. */
export class LeftOutNotes {
  #told: ReadonlyMap<string, string> = new Map();

  async tell(supervisor: Supervisor, leftOut: readonly LeftOut[]): Promise<void> {
    const before = this.#told;
    const now = leftOutByItem(leftOut);
    this.#told = now;
    for (const item of before.keys()) if (!now.has(item)) await recover(supervisor, item, `${item} is as it should be`);
    for (const [item, message] of now) await degrade(supervisor, item, message, `${item} is not as it should be`);
  }
}
