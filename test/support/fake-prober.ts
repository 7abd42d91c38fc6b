import type { Clock } from "../../src/lib/clock.ts";
import { describeProbe } from "../../src/process/probes/describe-probe.ts";
import type { ProbeResult } from "../../src/process/probes/look.ts";
import type { Datagram } from "../../src/process/sys.ts";
import type { Prober } from "../../src/supervisor/prober.ts";

/** How long a look takes. */
const LOOK_MS = 5;

/** Looks that see what a test says, and notify sockets on paper. */
export class FakeProber implements Prober {
  readonly #clock: Clock;
  /** By what is looked at (`tcp 127.0.0.1:80`): what is seen; "hangs": nothing, until it is given up. Without an entry: a success. */
  readonly seen = new Map<string, ProbeResult | "hangs">();
  /** Every look, in order. */
  readonly looks: string[] = [];
  /** Looks that are under way. */
  readonly open = new Set<string>();
  readonly sockets = new Map<string, (message: Datagram) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  look: Prober["look"] = (probe, _look, done) => {
    const name = describeProbe(probe);
    this.looks.push(name);
    this.open.add(name);
    const timer = this.#clock.setTimeout(() => {
      const seen = this.seen.get(name) ?? { ok: true };
      if (seen === "hangs") return;
      this.open.delete(name);
      done(seen);
    }, LOOK_MS);
    return () => {
      this.open.delete(name);
      this.#clock.clearTimeout(timer);
    };
  };

  openSocket: Prober["openSocket"] = (path, onMessage) => {
    this.sockets.set(path, onMessage);
    return { path, close: () => void this.sockets.delete(path) };
  };

  /** A datagram to a notify socket, from a process that has ended since. */
  say(path: string | undefined, text: string): void {
    const onMessage = this.sockets.get(path ?? "");
    if (onMessage === undefined) throw new Error(`there is no notify socket ${path}`);
    onMessage({ pid: 2 ** 30, uid: 0, gid: 0, bytes: Buffer.from(text), truncated: false });
  }
}
