import type { Clock } from "../lib/clock.ts";
import type { HealthDecl, ReadyDecl } from "../model/unit-set.ts";
import { describeProbe } from "../process/probes/describe-probe.ts";
import type { LookingProbe, ProbeResult } from "../process/probes/look.ts";
import { type Attempt, ProbeSchedule } from "../service/probe-schedule.ts";
import { ToldProbe } from "../service/told-probe.ts";
import { describeFailing, type VerdictCount } from "../service/verdict-count.ts";

export interface FollowedSide {
  readonly clock: Clock;
  readonly attempt: (probe: LookingProbe, timeoutMs: number) => Attempt;
  /** A new verdict, and what was seen. */
  readonly onVerdict: (verdict: boolean, reason: string) => void;
}

/** A longer line is not compared: there are expressions whose time grows with the square of the length and worse. */
const COMPARED = 4_096;

/** One probe of one run, whether it looks or is told. */
export class FollowedProbe {
  readonly decl: ReadyDecl | HealthDecl;
  readonly #by: ProbeSchedule | ToldProbe;
  readonly #pattern: RegExp | undefined;

  /** `delayMs`: from now until it may look. `verdict`: what holds so far; undefined: nothing was found out yet. */
  constructor(decl: ReadyDecl | HealthDecl, delayMs: number, verdict: boolean | undefined, side: FollowedSide) {
    this.decl = decl;
    const { probe } = decl;
    const { clock } = side;
    const onVerdict = ({ verdict: is, failing }: VerdictCount): void =>
      side.onVerdict(is === true, failing === undefined ? describeProbe(probe) : describeFailing(failing));
    this.#pattern = probe.kind === "log" ? new RegExp(probe.pattern) : undefined;
    if (probe.kind === "log" || probe.kind === "notify") {
      this.#by = new ToldProbe({ clock, timing: decl, onVerdict }, delayMs, verdict);
      return;
    }
    const startPeriodMs = "startPeriodMs" in decl ? decl.startPeriodMs : decl.periodMs;
    const attempt = side.attempt(probe, decl.timeoutMs);
    this.#by = new ProbeSchedule({ clock, timing: decl, startPeriodMs, attempt, onVerdict }, delayMs, verdict);
  }

  /** What the process says of itself. */
  told(result: ProbeResult): void {
    if (this.decl.probe.kind === "notify" && this.#by instanceof ToldProbe) this.#by.take(result);
  }

  /** Whether what the process prints can still change its verdict. */
  get wantsLines(): boolean {
    return this.#pattern !== undefined && this.verdict !== true;
  }

  printed(line: Buffer): void {
    if (this.#pattern === undefined || this.verdict === true || !(this.#by instanceof ToldProbe)) return;
    if (line.length <= COMPARED && this.#pattern.test(line.toString())) this.#by.take({ ok: true });
  }

  get verdict(): boolean | undefined {
    return this.#by.count.verdict;
  }

  /** What it has seen last, or that it waits. */
  describe(): string {
    const { failing, progress } = this.#by.count;
    if (failing !== undefined) return describeFailing(failing);
    return `${describeProbe(this.decl.probe)}: ${progress === undefined ? "not yet" : `${progress} successes`}`;
  }

  end(): void {
    this.#by.end();
  }
}
