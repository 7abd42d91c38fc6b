import type { Clock } from "../lib/clock.ts";
import type { DaemonLog } from "../log/daemon-log.ts";
import type { LogSource } from "../log/log-file.ts";
import { LogFiles } from "../log/log-files.ts";
import type { LogRing } from "../log/log-ring.ts";
import { eachLine, WholeLines } from "../log/whole-lines.ts";
import { splitInstance, WHOLE } from "../model/name.ts";
import type { LogDecl } from "../model/unit-set.ts";
import type { OutputStream, ProcessHandle } from "../process/launcher.ts";
import { native } from "../process/sys.ts";

/** Where the output of one process goes. */
export interface ProcessOutput {
  /** To be called once, before the first byte: who is held up when a disk is slow. */
  from(handle: OutputValve): void;
  /** `bytes` are only themselves during the call. */
  output(stream: OutputStream, bytes: Buffer): void;
  /** Both streams are at their end, or there never was a process. */
  ended(): void;
}

export interface OutputPlan {
  readonly instance: string;
  readonly log: LogDecl;
  /** Absolute; the folder of all runs. */
  readonly logFolder: string | undefined;
  /** Who is to be told of each line now, without its end; undefined: nobody. Asked whenever something is printed. */
  readonly lineReader: () => ((line: Buffer) => void) | undefined;
}

/** What takes the bytes of one process. */
interface Taker {
  readonly stdout: WholeLines;
  readonly stderr: WholeLines;
  readonly files: readonly LogSource[];
}

type OutputValve = Pick<ProcessHandle, "pauseOutput" | "resumeOutput">;

const FILES_CLOSE_MS = 5_000;

/**
 * Brings what processes print to the ring, by line, and to their files, as it was printed. A file whose disk is slow holds up the processes that
 * print to it, and nobody else: they are not read until it has caught up. What hooks and stop commands print is in the ring alone.
 */
export class Outputs {
  readonly #ring: LogRing;
  readonly #files: LogFiles;
  readonly #held = new Set<Valve>();
  #lastBytes = false;

  constructor({ ring, log, clock }: { readonly ring: LogRing; readonly log: DaemonLog; readonly clock: Clock }) {
    this.#ring = ring;
    this.#files = new LogFiles({ log, clock });
  }

  /** For a process that is about to be started. One that prints nothing costs next to nothing. */
  open(plan: OutputPlan): ProcessOutput {
    this.#ring.setLines(plan.instance, plan.log.lines);
    const valve = new Valve(this.#held);
    let taker: Taker | undefined;
    return {
      from: (handle) => valve.from(handle),
      output: (stream, bytes) => {
        taker ??= this.#taker(plan, valve);
        taker[stream].push(bytes);
        for (const [place, file] of taker.files.entries()) if (!file.write(stream, bytes) && !this.#lastBytes) valve.hold(place);
      },
      ended: () => {
        taker?.stdout.end();
        taker?.stderr.end();
        for (const file of taker?.files ?? []) file.end();
      },
    };
  }

  /** The processes are gone: nobody is held up any more, what their pipes still hold is taken. */
  takeLastBytes(): void {
    this.#lastBytes = true;
    for (const valve of this.#held) valve.open();
  }

  /** Resolves when the files have all of it, or after some seconds; what they could not take is logged. */
  close(): Promise<void> {
    return this.#files.close(FILES_CLOSE_MS);
  }

  #taker(plan: OutputPlan, valve: Valve): Taker {
    return { stdout: this.#lines(plan, "stdout"), stderr: this.#lines(plan, "stderr"), files: this.#join(plan, valve) };
  }

  #lines({ instance, lineReader }: OutputPlan, stream: OutputStream): WholeLines {
    const onLines = (lines: Buffer, count: number): void => {
      this.#ring.appendLines(instance, stream, lines, count);
      const onLine = lineReader();
      if (onLine !== undefined) eachLine(lines, count, onLine);
    };
    return new WholeLines(onLines, native()?.countNewlines);
  }

  #join({ instance, log: { file, ...size }, logFolder }: OutputPlan, valve: Valve): readonly LogSource[] {
    const joins: ((onDrain: () => void) => LogSource)[] = [];
    if (file !== undefined) joins.push((onDrain) => this.#files.joinFile(file, size, instance, onDrain));
    if (logFolder !== undefined) joins.push((onDrain) => this.#files.joinRun(logFolder, runFileName(instance), instance, onDrain));
    return joins.map((join, place) => join(() => valve.release(place)));
  }
}

/** Lets a process print while none of its files is behind. */
class Valve {
  readonly #held: Set<Valve>;
  #process: OutputValve | undefined;
  /** Bit by file. */
  #behind = 0;

  /** `held`: those that hold a process up. */
  constructor(held: Set<Valve>) {
    this.#held = held;
  }

  from(process: OutputValve): void {
    this.#process = process;
  }

  /** Also where it is held up already: the end of a process makes its pipes flow again. */
  hold(file: number): void {
    this.#behind |= 1 << file;
    this.#held.add(this);
    this.#process?.pauseOutput("stdout");
    this.#process?.pauseOutput("stderr");
  }

  release(file: number): void {
    const before = this.#behind;
    this.#behind &= ~(1 << file);
    if (before !== 0 && this.#behind === 0) this.open();
  }

  open(): void {
    this.#behind = 0;
    this.#held.delete(this);
    this.#process?.resumeOutput("stdout");
    this.#process?.resumeOutput("stderr");
  }
}

const SUFFIX = ".txt";
const NAME_LIMIT = 255 - SUFFIX.length;
const DIGEST_LENGTH = 16;

/** `GROUP@ITEM.txt`, or `GROUP@ITEM_KEY.txt` with KEY percent-encoded; what no file name has room for ends in a digest of it all. */
export function runFileName(instance: string): string {
  const { service, key } = splitInstance(instance);
  // by way of bytes: half of a character has no percent-encoding
  const name = key === WHOLE ? service : `${service}_${encodeURIComponent(Buffer.from(key).toString())}`;
  if (name.length <= NAME_LIMIT) return name + SUFFIX;
  // Loading it takes two milliseconds, and hardly any name is as long.
  const { createHash } = process.getBuiltinModule("node:crypto");
  const digest = createHash("sha256").update(instance).digest("hex").slice(0, DIGEST_LENGTH);
  return `${name.slice(0, NAME_LIMIT - DIGEST_LENGTH - 1)}~${digest}${SUFFIX}`;
}
