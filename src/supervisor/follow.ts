import type { LogReader } from "../control/api.ts";
import type { LogRing } from "../log/log-ring.ts";
import type { Fact } from "../model/fact.ts";
import { publicFacts } from "./public-facts.ts";
import { logLine } from "./shown-rows.ts";
import type { Supervisor } from "./supervisor.ts";

/** How much is handed on at a time: the loop turns in between. */
const BATCH_LINES = 512;
const BATCH_BYTES = 64 * 1_024;

export interface RingFollowing {
  /** Hands on all that waits, at once. */
  flush(): void;
  end(): void;
}

/**
 * Hands on the lines after number `after`, in batches, outside of whoever printed them. `onLines` may answer with a promise: until it is
 * fulfilled lines wait in the ring's own queue, which costs less than anything that is made of them.
 */
export function followRing(ring: LogRing, names: readonly string[], after: number, onLines: LogReader): RingFollowing {
  let ended = false;
  /** Hands on one batch; false: there is none. */
  const handOn = (next: (wait: Promise<void> | undefined) => void): boolean => {
    const { lines, missed } = follower.pull(BATCH_LINES, BATCH_BYTES);
    if (lines.length === 0 && missed === 0) return false;
    next(onLines(lines.map(logLine), missed));
    return true;
  };
  const drain = (): void => {
    if (ended) return;
    handOn((wait) => (wait === undefined ? setImmediate(drain) : void wait.then(drain)));
  };
  const follower = ring.follow({ names, after, wake: () => setImmediate(drain) });
  setImmediate(drain);
  return {
    flush: () => {
      while (handOn(() => {}));
    },
    end: () => {
      ended = true;
      follower.close();
    },
  };
}

/** Hands on every fact from now on that is about one of `names`; no names: all. */
export function followFacts({ bus, history }: Supervisor, names: readonly string[], onFacts: (facts: readonly Fact[]) => void): () => void {
  const wanted = new Set(names);
  const subscription = bus.settled.subscribe((batch) => {
    const facts = wanted.size === 0 ? batch : batch.filter((fact) => isAbout(fact, wanted));
    const shown = publicFacts(facts, history);
    if (shown.length > 0) onFacts(shown);
  });
  return () => subscription.unsubscribe();
}

/** Whether a fact is about one of these states, signals, services or instances. */
export function isAbout(fact: Fact, names: ReadonlySet<string>): boolean {
  switch (fact.kind) {
    case "state":
      // the flags of an instance are told by its branch alone
      return names.has(fact.name) || (fact.name === "rind@service" && hasInstance(names, fact.key));
    case "signal":
      return names.has(fact.name);
    case "phase":
    case "request":
      return hasInstance(names, fact.instance);
    case "outside":
      return false;
  }
}

function hasInstance(names: ReadonlySet<string>, instance: string): boolean {
  return names.has(instance) || names.has(instance.split("/", 1)[0] ?? "");
}
