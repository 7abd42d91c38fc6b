import type { Supervisor } from "../supervisor/supervisor.ts";
import type { LifeOptions } from "./daemon-options.ts";
import type { NarratedLine } from "./narrator.ts";

/** Tells people on stderr what becomes of services. A console is also there to work at: it hears all of boot and of the end, between these what is bad. */
export function narrateToPeople({ outlets, narration, init }: LifeOptions, { demands }: Supervisor): (line: NarratedLine) => void {
  let isUp = false;
  return (line) => {
    if (init !== undefined && isUp && line.mood !== "bad" && !demands.refusing) return;
    outlets.stderr.write(`${narration(line)}\n`);
    // what is said of all of it is said once
    isUp ||= line.instance === undefined;
  };
}
