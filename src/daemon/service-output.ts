import type { LogRing } from "../log/log-ring.ts";
import { followRing } from "../supervisor/follow.ts";

/** Prints what services print as `group@item | line`, stdout to stdout and stderr to stderr. Returns the way to end it. */
export function printServiceOutput(ring: LogRing): () => void {
  return followRing(ring, [], ring.lastSeq, (lines, missed) => {
    const out: string[] = [];
    const err: string[] = [];
    if (missed > 0) err.push(`rind: ${missed} lines were printed faster than the terminal takes them\n`);
    for (const { service, stream, line } of lines) (stream === "stdout" ? out : err).push(`${service} | ${line}\n`);
    if (out.length > 0) process.stdout.write(out.join(""));
    if (err.length > 0) process.stderr.write(err.join(""));
  });
}
