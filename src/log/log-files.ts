import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import type { DaemonLog } from "./daemon-log.ts";
import { LogFile, type LogFileGround, type LogFilePlan, type LogSource } from "./log-file.ts";
import { RunFolder } from "./run-folder.ts";
import { Turns } from "./turns.ts";

/** Writes to disks that may be under way at once, of the four threads that node has for all its files. */
const WRITES_AT_ONCE = 2;

/** The files that services' output goes to. Owns that a path has one writer, however many processes print to it. */
export class LogFiles {
  readonly #ground: LogFileGround;
  readonly #byPath = new Map<string, LogFile>();
  readonly #folders = new Map<string, RunFolder>();

  constructor({ log, clock }: { readonly log: DaemonLog; readonly clock: Clock }) {
    this.#ground = { log, clock, writing: new Turns(WRITES_AT_ONCE), compressing: new Turns(1) };
  }

  /** A `log.file`. Of a file that is shared, `maxSize` and `keep` are those of whoever came first. `owner`: an instance, for messages. */
  joinFile(file: string, size: { readonly maxSize: number; readonly keep: number }, owner: string, onDrain: () => void): LogSource {
    return this.#join(file, { ...size, place: () => Promise.resolve(file) }, owner, onDrain);
  }

  /** The file `name` in this run's own folder below `parent`; never rotated: it is one run's. */
  joinRun(parent: string, name: string, owner: string, onDrain: () => void): LogSource {
    let folder = this.#folders.get(parent);
    if (folder === undefined) {
      folder = new RunFolder(parent);
      this.#folders.set(parent, folder);
    }
    const place = async (made: RunFolder): Promise<string> => join(await made.path(), name);
    const of = folder;
    const plan: LogFilePlan = { maxSize: Number.POSITIVE_INFINITY, keep: 0, place: () => place(of) };
    // no file has this path: the folder of a run is made by the run
    return this.#join(join(parent, "logs-*", name), plan, owner, onDrain);
  }

  /** Writes all that waits; what takes longer than `timeoutMs` is given up, and what was lost with it is told. */
  async close(timeoutMs: number): Promise<void> {
    const files = [...this.#byPath.values()];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([Promise.all(files.map((file) => file.finish())), late]);
    clearTimeout(timer);
    for (const file of files) file.abandon();
  }

  #join(id: string, plan: LogFilePlan, owner: string, onDrain: () => void): LogSource {
    let file = this.#byPath.get(id);
    if (file === undefined) {
      file = new LogFile(plan, this.#ground, owner, () => this.#byPath.delete(id));
      this.#byPath.set(id, file);
    }
    return file.join(onDrain);
  }
}
