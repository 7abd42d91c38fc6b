import type { DaemonLog } from "../log/daemon-log.ts";

/** Ends the daemon once, whoever asks, and however often: a second signal only makes it faster. */
export class Stopper {
  readonly #abort = new AbortController();
  readonly #shutDown: (abort: AbortSignal) => Promise<void>;
  #stopping: Promise<void> | undefined;
  #resolve: () => void = () => {};
  /** Resolves when everything is gone. */
  readonly stopped: Promise<void>;

  constructor(shutDown: (abort: AbortSignal) => Promise<void>) {
    this.#shutDown = shutDown;
    this.stopped = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#shutDown(this.#abort.signal).finally(() => {
      // the answer to who asked is to be written before the socket closes
      setImmediate(this.#resolve);
    });
    return this.#stopping;
  }

  /** SIGINT, SIGTERM and SIGHUP stop in order; a second one kills what is left at once. Returns the way to stop listening. */
  listenToSignals(log: DaemonLog): () => void {
    const listener = (killSignal: NodeJS.Signals): void => {
      if (this.#stopping === undefined) {
        log.info({ signal: killSignal }, "stopping; once more to kill at once");
        this.stop().catch((error: unknown) => log.error({ err: error }, "the shutdown failed"));
      } else {
        log.warn({ signal: killSignal }, "killing what is left");
        this.#abort.abort();
      }
    };
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const killSignal of signals) process.on(killSignal, listener);
    return () => {
      for (const killSignal of signals) process.off(killSignal, listener);
    };
  }
}
