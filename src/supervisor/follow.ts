import type { LogReader } from "../control/api.ts";
import type { LogRing } from "../log/log-ring.ts";
import type { RingLine } from "../log/ring-line.ts";
import type { Fact } from "../model/fact.ts";
import { publicFacts } from "./public-facts.ts";
import { logLine } from "./shown-rows.ts";
import type { Supervisor } from "./supervisor.ts";

/** How much is handed on at a time. */
const BATCH_LINES = 512;
const BATCH_BYTES = 64 * 1_024;
/** More than comes in one turn of the loop: who can take it must not fall behind by the daemon's doing. */
const BATCHES_A_TURN = 8;

/** Takes lines, and how many are missing before them; answers with a promise where the next ones should wait for it. */
export type TakeLines = (lines: readonly RingLine[], missed: number) => Promise<void> | undefined;

export interface RingFollowing {
  /** Hands on all that waits, at once. */
  flush(): void;
  end(): void;
}

/** `followLines`, for those who take lines in the shape that clients see. */
export function followRing(ring: LogRing, names: readonly string[], after: number, onLines: LogReader): RingFollowing {
  return followLines(ring, names, after, (lines, missed) => onLines(lines.map(logLine), missed));
}

/**
 * Hands on the lines after number `after`, in batches, outside of whoever printed them. Until a promise of `take` is fulfilled lines wait in the
 * ring's own queue, which costs less than anything that is made of them.
 */
export function followLines(ring: LogRing, names: readonly string[], after: number, take: TakeLines): RingFollowing {
  let ended = false;
  /** Hands on one batch, and answers what to wait for; false: there is none. */
  const handOn = (): Promise<void> | undefined | false => {
    const { lines, missed } = follower.pull(BATCH_LINES, BATCH_BYTES);
    return lines.length === 0 && missed === 0 ? false : take(lines, missed);
  };
  const drain = (): void => {
    for (let i = 0; i < BATCHES_A_TURN; i++) {
      const wait = ended ? false : handOn();
      if (wait === false) return;
      if (wait !== undefined) {
        void wait.then(drain);
        return;
      }
    }
    setImmediate(drain);
  };
  const follower = ring.follow({ names, after, wake: () => setImmediate(drain) });
  setImmediate(drain);
  return {
    flush: () => {
      while (handOn() !== false);
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
