import type { LogLine } from "../control/api.ts";
import type { LogRing } from "../log/log-ring.ts";
import type { Outlets } from "../log/outlet.ts";
import type { OutputStream } from "../process/launcher.ts";
import { followRing } from "../supervisor/follow.ts";

/**
 * Prints what services print as `group@item | line`, stdout to stdout and stderr to stderr, no faster than both are read. Returns the way to end
 * it, which prints the rest.
 */
export function printServiceOutput(ring: LogRing, outlets: Outlets): () => void {
  const following = followRing(ring, [], ring.lastSeq, (lines, missed = 0) => {
    if (missed > 0) outlets.stderr.write(`rind: ${missed} lines are missing here (they came faster than they were read)\n`);
    printLines(lines, outlets);
    return outlets.stdout.room() ?? outlets.stderr.room();
  });
  return () => {
    following.flush();
    following.end();
  };
}

/** A line of what is no service, in the same form. */
export function printOutputLine(name: string, line: Buffer, outlet: Outlets[OutputStream]): void {
  outlet.write(Buffer.concat([Buffer.from(`${name} | `), line, Buffer.from("\n")]));
}

function printLines(lines: readonly LogLine[], { stdout, stderr }: Outlets): void {
  const out: string[] = [];
  const err: string[] = [];
  for (const { service, stream, line } of lines) (stream === "stdout" ? out : err).push(`${service} | ${line}\n`);
  if (out.length > 0) stdout.write(out.join(""));
  if (err.length > 0) stderr.write(err.join(""));
}
