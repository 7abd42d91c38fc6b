import type { LogLine } from "../control/api.ts";
import type { LogRing } from "../log/log-ring.ts";
import type { OutputStream } from "../process/launcher.ts";
import { followRing } from "../supervisor/follow.ts";
import { logLine } from "../supervisor/shown-rows.ts";

/** How many lines are printed at a time at the end. */
const BATCH = 512;

/** Prints what services print as `group@item | line`, stdout to stdout and stderr to stderr. Returns the way to end it, which prints the rest. */
export function printServiceOutput(ring: LogRing): () => void {
  let seq = ring.lastSeq;
  const print = (lines: readonly LogLine[], missed: number): void => {
    seq = lines.at(-1)?.seq ?? seq;
    printLines(lines, missed);
  };
  const end = followRing(ring, [], seq, print);
  return () => {
    end();
    const rest = ring.follow({ names: [], after: seq, wake: () => {} });
    for (let next = rest.pull(BATCH); next.lines.length + next.missed > 0; next = rest.pull(BATCH)) print(next.lines.map(logLine), next.missed);
    rest.close();
  };
}

/** A line of what is no service, in the same form. */
export function printOutputLine(name: string, stream: OutputStream, line: Buffer): void {
  process[stream].write(Buffer.concat([Buffer.from(`${name} | `), line, Buffer.from("\n")]));
}

function printLines(lines: readonly LogLine[], missed: number): void {
  const out: string[] = [];
  const err: string[] = [];
  if (missed > 0) err.push(`rind: ${missed} lines were printed faster than the terminal takes them\n`);
  for (const { service, stream, line } of lines) (stream === "stdout" ? out : err).push(`${service} | ${line}\n`);
  if (out.length > 0) process.stdout.write(out.join(""));
  if (err.length > 0) process.stderr.write(err.join(""));
}
