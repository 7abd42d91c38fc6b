import { formatDuration } from "../../lib/duration.ts";
import type { Look, ProbeResult } from "./look.ts";

/**
 * One look that ends with its answer, with its time or with an abort, whichever comes first. `begin` returns how to let go of what it
 * holds, which is done at the end in any case; what it throws is a failure. `subject`: what is looked at.
 */
export function bounded(
  subject: string,
  { timeoutMs, abort }: Look,
  begin: (answer: (result: ProbeResult) => void) => () => void,
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    let ended = false;
    let release = (): void => {};
    const end = (result: ProbeResult): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      abort.removeEventListener("abort", giveUp);
      release();
      resolve(result);
    };
    const giveUp = (): void => end({ ok: false, why: `${subject}: given up` });
    const timer = setTimeout(() => end({ ok: false, why: `${subject}: no answer within ${formatDuration(timeoutMs)}` }), timeoutMs);
    abort.addEventListener("abort", giveUp, { once: true });
    try {
      release = begin(end);
    } catch (error) {
      end({ ok: false, why: `${subject}: ${inWords(error)}` });
    }
    if (abort.aborted) giveUp();
    // answered before there was anything to let go of
    if (ended) release();
  });
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection closed without an answer",
  ENOENT: "there is no such socket",
  EACCES: "permission denied",
  EAGAIN: "too many connections wait to be accepted",
  ENOTFOUND: "there is no such host",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ETIMEDOUT: "no answer",
};

/** What went wrong with a connection. */
export function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return ("code" in error && typeof error.code === "string" ? WORDS[error.code] : undefined) ?? error.message;
}
