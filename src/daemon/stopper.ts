import type { DaemonLog } from "../log/daemon-log.ts";
import type { PowerAction } from "../model/power.ts";

/** What comes when everything is stopped: the daemon ends; the machine does; the emergency shell opens. */
export type Ending = "down" | PowerAction | "emergency";

/** Signals that ask for an end, and for which. */
export type EndingSignals = ReadonlyMap<NodeJS.Signals, Ending>;

/** SIGHUP: the terminal has gone. SIGQUIT: some images say that it ends their containers, and a PID 1 that does not listen to it never hears it. */
export const UP_SIGNALS: EndingSignals = new Map([
  ["SIGINT", "down"],
  ["SIGTERM", "down"],
  ["SIGHUP", "down"],
  ["SIGQUIT", "down"],
]);

/** As PID 1 hands them on: SIGINT is Ctrl-Alt-Del, SIGPWR comes from a power supply. */
export const INIT_SIGNALS: EndingSignals = new Map([
  ["SIGINT", "reboot"],
  ["SIGTERM", "poweroff"],
  ["SIGPWR", "poweroff"],
]);

/**
 * Ends the daemon once, whoever asks, and however often: a second signal only makes it faster. It listens from the first moment on, so
 * that no signal is lost while units are read or the startup program runs (as PID 1 there is nobody else who would act on it).
 */
export class Stopper {
  readonly #asked = new AbortController();
  readonly #forced = new AbortController();
  #ending: Ending = "down";
  #shutDown: ((forced: AbortSignal) => Promise<void>) | undefined;
  #stopping: Promise<void> | undefined;
  #resolve: () => void = () => {};
  /** Resolves when everything is gone. */
  readonly stopped: Promise<void>;

  constructor() {
    this.stopped = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Aborts when an end is asked for. */
  get asked(): AbortSignal {
    return this.#asked.signal;
  }

  /** Aborts when what is left is to be killed at once. */
  get forced(): AbortSignal {
    return this.#forced.signal;
  }

  /** What was asked for last. */
  get ending(): Ending {
    return this.#ending;
  }

  /** How a stop is carried out from now on. Until then one that is asked for is only noted: see `asked`. */
  stopBy(shutDown: (forced: AbortSignal) => Promise<void>): void {
    this.#shutDown = shutDown;
  }

  stop(ending: Ending = "down"): Promise<void> {
    this.#ending = ending;
    this.#asked.abort();
    if (this.#shutDown === undefined) return Promise.resolve();
    this.#stopping ??= this.#shutDown(this.#forced.signal).finally(() => {
      // the answer to who asked is to be written before the socket closes
      setImmediate(this.#resolve);
    });
    return this.#stopping;
  }

  /** Kills what is left at once. */
  force(): void {
    this.#forced.abort();
  }

  /** A first signal stops in order; a second one kills what is left at once. Returns the way to stop listening. */
  listenToSignals(log: DaemonLog, endings: EndingSignals): () => void {
    const listener = (killSignal: NodeJS.Signals): void => {
      const again = this.asked.aborted;
      if (again) {
        log.warn({ signal: killSignal }, "killing what is left");
        this.force();
      } else log.info({ signal: killSignal }, "stopping; once more to kill at once");
      this.stop(endings.get(killSignal)).catch((error: unknown) => {
        if (!again) log.error({ err: error }, "the shutdown failed");
      });
    };
    for (const killSignal of endings.keys()) process.on(killSignal, listener);
    return () => {
      for (const killSignal of endings.keys()) process.off(killSignal, listener);
    };
  }
}
