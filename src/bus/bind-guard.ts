import { Subscription } from "rxjs";
import type { ServiceGuard } from "../flow/demand/service-guard.ts";
import type { Bus } from "./bus.ts";

/** Subscribes a guard to exactly the names in its lists, by branch where a condition names one whole. */
export function bindGuard(bus: Bus, guard: ServiceGuard): Subscription {
  const all = new Subscription();
  for (const listening of guard.listens) {
    if (listening.kind === "signal") all.add(bus.signal(listening.name).subscribe(listening.hear));
    else if (listening.key === undefined) all.add(bus.state(listening.name).subscribe(listening.hear));
    else all.add(bus.branch(listening.name, listening.key).subscribe(listening.hear));
  }
  return all;
}
