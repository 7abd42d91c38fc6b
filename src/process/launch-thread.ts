import { bursts } from "./bursts.ts";
import { PackedRequest, readSpawned, REPORT_FIELDS, type Spawned, type SpawnRequest } from "./spawn-request.ts";
import type { Sys } from "./sys.ts";

/** What is told of each job: its number and its report. */
const FIELDS = 1 + REPORT_FIELDS;
const TOLD_AT_ONCE = 256;
/** While more wait to be started nobody calls; and who hangs calls nobody for ten seconds. */
const LOOK_MS = 100;

interface Start {
  readonly request: SpawnRequest;
  readonly onReport: (spawned: Spawned) => void;
}

/**
 * The threads of the native part that start processes: a start, which waits for a file system and for the kernel, holds up nobody but other starts.
 *
 * Owns that each start is reported once. A process that was started is there before that is told, and may have ended by then; while more wait to be
 * started, telling waits for up to 100 ms: what is to run comes before what is to be noted.
 */
class LaunchThread {
  readonly #sys: Sys;
  readonly #packed = new PackedRequest();
  readonly #reports = new Int32Array(FIELDS * TOLD_AT_ONCE);
  readonly #starts = new Map<number, Start>();
  #looks = false;

  constructor(sys: Sys) {
    this.#sys = sys;
    sys.listen(() => this.tell());
  }

  /** Whether there are processes that may have been started without being told yet. */
  get isBusy(): boolean {
    return this.#starts.size > 0;
  }

  /** `onReport` is called in a turn of its own. Answers false, and calls nothing, where a text holds a NUL or no variable can have a name in `env`. */
  start(request: SpawnRequest, onReport: (spawned: Spawned) => void): boolean {
    const length = this.#packed.pack(request);
    const job = length === undefined ? undefined : this.#sys.start(this.#packed.bytes, length);
    if (job === undefined) return false;
    this.#starts.set(job, { request, onReport });
    if (!this.#looks) this.#lookLater();
    return true;
  }

  /** Tells what is over by now. */
  tell(): void {
    const all: (() => void)[] = [];
    for (let count = TOLD_AT_ONCE; count === TOLD_AT_ONCE; ) {
      count = this.#sys.takeReports(this.#reports);
      for (let at = 0; at < count * FIELDS; at += FIELDS) this.#take(at, all);
    }
    bursts.tell(all);
  }

  #lookLater(): void {
    this.#looks = true;
    setTimeout(() => this.#look(), LOOK_MS).unref();
  }

  #look(): void {
    this.#looks = false;
    if (this.isBusy) this.#lookLater();
    this.tell();
  }

  #take(at: number, all: (() => void)[]): void {
    const job = this.#reports[at] ?? 0;
    const start = this.#starts.get(job);
    if (start === undefined) return;
    this.#starts.delete(job);
    const spawned = readSpawned(this.#reports, at + 1, start.request, this.#sys.codeOf);
    all.push(() => start.onReport(spawned));
  }
}

let only: LaunchThread | undefined;

/** It begins with the first call; throws where the system has no room for it. */
export function launchThread(sys: Sys): LaunchThread {
  only ??= new LaunchThread(sys);
  return only;
}

/** undefined: it has not begun. */
export function launchThreadSoFar(): LaunchThread | undefined {
  return only;
}
