import type { ServiceRow } from "../control/api.ts";
import type { ControlClient } from "../control/client.ts";
import { Progress } from "../control/progress.ts";
import type { Fact } from "../model/fact.ts";
import { isJsonObject } from "../model/json.ts";
import { PHASES } from "../model/phase.ts";

const SERVICES = "rind@service";

/**
 * Follows a daemon until all that is to run is ready or has ended well, or until something has failed. Answers the services as they are
 * then. Rejects with a `NoDaemonError` when the daemon goes.
 */
export async function awaitReady(client: ControlClient): Promise<readonly ServiceRow[]> {
  // Before the first look, so that nothing is missed between the two.
  const feed = await client.follow("event.subscribe", { names: [SERVICES] });
  let rows = await client.call("service.list", {});
  let progress = progressOf(rows);
  if (isOver(progress)) return rows;
  for await (const { facts, missed } of feed) {
    for (const fact of facts) note(progress, fact);
    if (!isOver(progress) && missed === 0) continue;
    // What came may be the middle of a transaction, in which another service begins next; a list is answered between two.
    rows = await client.call("service.list", {});
    progress = progressOf(rows);
    if (isOver(progress)) return rows;
  }
  return rows;
}

function progressOf(rows: readonly ServiceRow[]): Progress {
  const progress = new Progress();
  for (const row of rows) progress.note(row.name, row);
  return progress;
}

/** What keeps these services from being ready, a line for each. */
export function unready(rows: readonly ServiceRow[]): readonly string[] {
  return rows
    .filter((row) => !progressOf([row]).isReady)
    .map(({ name, phase, reason, waiting }) => {
      const why = waiting.length > 0 ? `waits for ${waiting.join("; ")}` : reason;
      return `${name} ${phase === "failed" ? "failed" : `is ${phase}`}${why === "" ? "" : `: ${why}`}`;
    });
}

function isOver(progress: Progress): boolean {
  return progress.isReady || progress.hasFailed;
}

function note(progress: Progress, fact: Fact): void {
  if (fact.kind !== "state") return;
  const { key, after } = fact;
  if (!isJsonObject(after)) {
    progress.note(key, undefined);
    return;
  }
  const phase = PHASES.find((known) => known === after["phase"]);
  if (phase !== undefined) progress.note(key, { phase, ready: typeof after["ready"] === "boolean" ? after["ready"] : null });
}
