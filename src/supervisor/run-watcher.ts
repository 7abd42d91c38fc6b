import type { Instance, RunningProcess } from "./instance.ts";

/** Follows each run of each instance: probes, sd_notify, the watchdog. What it finds out it sends to the machine through the door. */
export interface RunWatcher {
  /** Before a launch: what its main process gets in its environment, above all else. May be called again without a run between. */
  extraEnv(instance: Instance): Readonly<Record<string, string>>;
  /** Variables that are to hold the pid of that process itself. */
  pidVariables(instance: Instance): readonly string[];
  /** The process is up and the machine knows it. Inside of the transaction whose own fact is `cause`. */
  began(instance: Instance, run: RunningProcess, cause: number): void;
  /** Who wants each line that it prints now, whole and without its end; undefined: nobody. Asked, and told, outside of transactions. */
  lineReader(instance: Instance): ((line: Buffer) => void) | undefined;
  /** The main process has ended (the machine hears it next), or `run` is undefined: it could not be started after `extraEnv`. */
  ended(instance: Instance, run: RunningProcess | undefined): void;
}
