import type { LogRing } from "../log/log-ring.ts";
import type { Outlets } from "../log/outlet.ts";
import type { RingLine } from "../log/ring-line.ts";
import type { OutputStream } from "../process/launcher.ts";
import { followLines } from "../supervisor/follow.ts";

/**
 * Prints what services print as `group@item | line`, stdout to stdout and stderr to stderr, no faster than both are read. Returns the way to end
 * it, which prints the rest.
 */
export function printServiceOutput(ring: LogRing, outlets: Outlets): () => void {
  const following = followLines(ring, [], ring.lastSeq, (lines, missed) => {
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

function printLines(lines: readonly RingLine[], { stdout, stderr }: Outlets): void {
  const out: string[] = [];
  const err: string[] = [];
  for (const { instance, stream, bytes } of lines) (stream === "stdout" ? out : err).push(`${instance} | ${bytes.toString()}\n`);
  if (out.length > 0) stdout.write(out.join(""));
  if (err.length > 0) stderr.write(err.join(""));
}
