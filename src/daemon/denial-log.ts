import type { Clock } from "../lib/clock.ts";
import type { DaemonLog, LogFields } from "../log/daemon-log.ts";

/** So many of one user are told within a minute: whoever is denied can ask a hundred thousand times a second, and fill the disk. */
const TOLD = 100;
const MINUTE_MS = 60_000;

/** Logs what somebody was not permitted to do (SPEC 12). */
export class DenialLog {
  readonly #log: DaemonLog;
  readonly #clock: Clock;
  /** By uid. */
  readonly #users = new Map<number, { since: number; count: number }>();

  constructor(log: DaemonLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  tell(fields: LogFields & { readonly uid: number; readonly pid: number }): void {
    const { uid } = fields;
    const now = this.#clock.now();
    const known = this.#users.get(uid);
    const user = known === undefined || now - known.since >= MINUTE_MS ? { since: now, count: 0 } : known;
    this.#users.set(uid, user);
    user.count += 1;
    if (user.count <= TOLD) this.#log.warn(fields, "not permitted");
    if (user.count === TOLD) this.#log.warn({ uid }, "what else this user asks for without the right to is not logged for a minute");
  }
}
