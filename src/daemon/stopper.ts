import type { DaemonLog } from "../log/daemon-log.ts";

/**
 * Ends the daemon once, whoever asks, and however often: a second signal only makes it faster. It listens from the first moment on, so
 * that no signal is lost while units are read or the startup program runs (as PID 1 there is nobody else who would act on it).
 */
export class Stopper {
  readonly #asked = new AbortController();
  readonly #forced = new AbortController();
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

  /** How a stop is carried out from now on. Until then one that is asked for is only noted: see `asked`. */
  stopBy(shutDown: (forced: AbortSignal) => Promise<void>): void {
    this.#shutDown = shutDown;
  }

  stop(): Promise<void> {
    this.#asked.abort();
    if (this.#shutDown === undefined) return Promise.resolve();
    this.#stopping ??= this.#shutDown(this.#forced.signal).finally(() => {
      // the answer to who asked is to be written before the socket closes
      setImmediate(this.#resolve);
    });
    return this.#stopping;
  }

  /** SIGINT, SIGTERM and SIGHUP stop in order; a second one kills what is left at once. Returns the way to stop listening. */
  listenToSignals(log: DaemonLog): () => void {
    const listener = (killSignal: NodeJS.Signals): void => {
      if (this.asked.aborted) {
        log.warn({ signal: killSignal }, "killing what is left");
        this.#forced.abort();
      } else {
        log.info({ signal: killSignal }, "stopping; once more to kill at once");
        this.stop().catch((error: unknown) => log.error({ err: error }, "the shutdown failed"));
      }
    };
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const killSignal of signals) process.on(killSignal, listener);
    return () => {
      for (const killSignal of signals) process.off(killSignal, listener);
    };
  }
}
