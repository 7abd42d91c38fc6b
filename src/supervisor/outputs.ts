import { createHash } from "node:crypto";
import type { Clock } from "../lib/clock.ts";
import type { DaemonLog } from "../log/daemon-log.ts";
import { LineSplitter } from "../log/line-splitter.ts";
import type { LogSource } from "../log/log-file.ts";
import { LogFiles } from "../log/log-files.ts";
import type { LogRing } from "../log/log-ring.ts";
import { bytesPassed } from "../log/spent-buffers.ts";
import { splitInstance, WHOLE } from "../model/name.ts";
import type { LogDecl } from "../model/unit-set.ts";
import type { OutputStream, ProcessHandle } from "../process/launcher.ts";

/** Where the output of one process goes. */
export interface ProcessOutput {
  /** To be called once, before the first byte: who is held up when a disk is slow. */
  from(handle: OutputValve): void;
  output(stream: OutputStream, bytes: Buffer): void;
  /** Both streams are at their end, or there never was a process. */
  ended(): void;
}

export interface OutputPlan {
  readonly instance: string;
  readonly log: LogDecl;
  /** Absolute; the folder of all runs. */
  readonly logFolder: string | undefined;
  /** Told of each line, without its end. */
  readonly onLine: (stream: OutputStream, line: Buffer) => void;
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

  /** For a process that is about to be started. */
  open({ instance, log, logFolder, onLine }: OutputPlan): ProcessOutput {
    this.#ring.setLines(instance, log.lines);
    const lines = { stdout: this.#splitter(instance, "stdout", onLine), stderr: this.#splitter(instance, "stderr", onLine) };
    const valve = new Valve(this.#held);
    const sources = this.#join(instance, log, logFolder, valve);
    return {
      from: (handle) => valve.from(handle),
      output: (stream, bytes) => {
        bytesPassed(bytes.length);
        lines[stream].push(bytes);
        for (const [place, source] of sources.entries()) if (!source.write(stream, bytes) && !this.#lastBytes) valve.hold(place);
      },
      ended: () => {
        lines.stdout.end();
        lines.stderr.end();
        for (const source of sources) source.end();
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

  #join(instance: string, { file, ...size }: LogDecl, logFolder: string | undefined, valve: Valve): readonly LogSource[] {
    const joins: ((onDrain: () => void) => LogSource)[] = [];
    if (file !== undefined) joins.push((onDrain) => this.#files.joinFile(file, size, instance, onDrain));
    if (logFolder !== undefined) joins.push((onDrain) => this.#files.joinRun(logFolder, runFileName(instance), instance, onDrain));
    return joins.map((join, place) => join(() => valve.release(place)));
  }

  #splitter(instance: string, stream: OutputStream, onLine: OutputPlan["onLine"]): LineSplitter {
    return new LineSplitter((line) => {
      this.#ring.append(instance, stream, line);
      onLine(stream, line);
    });
  }
}

/** Lets a process print while none of its files is behind. */
class Valve {
  readonly #held: Set<Valve>;
  #process: OutputValve | undefined;
  readonly #behind = new Set<number>();

  /** `held`: those that hold a process up. */
  constructor(held: Set<Valve>) {
    this.#held = held;
  }

  from(process: OutputValve): void {
    this.#process = process;
  }

  /** Also where it is held up already: the end of a process makes its pipes flow again. */
  hold(file: number): void {
    this.#behind.add(file);
    this.#held.add(this);
    this.#process?.pauseOutput("stdout");
    this.#process?.pauseOutput("stderr");
  }

  release(file: number): void {
    if (this.#behind.delete(file) && this.#behind.size === 0) this.open();
  }

  open(): void {
    this.#behind.clear();
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
  const digest = createHash("sha256").update(instance).digest("hex").slice(0, DIGEST_LENGTH);
  return `${name.slice(0, NAME_LIMIT - DIGEST_LENGTH - 1)}~${digest}${SUFFIX}`;
}
