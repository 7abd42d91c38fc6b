import { RejectedError } from "../errors/rind-error.ts";
import { isDown, type Phase } from "../model/phase.ts";
import { awaitPhase, isSettled } from "./await-phase.ts";
import { bulkTargets } from "./bulk.ts";
import type { HandAction } from "./demands.ts";
import type { Instance } from "./instance.ts";
import type { Supervisor } from "./supervisor.ts";

export interface HandRequest {
  readonly action: HandAction;
  /** Services or instances; empty: the bulk operation. */
  readonly names: readonly string[];
  readonly force: boolean;
  /** Who asks, behind the words of what is asked. */
  readonly by: string;
}

/** When an answer is due. */
const ACCEPTS: Readonly<Record<HandAction, (phase: Phase) => boolean>> = {
  start: isSettled,
  restart: isSettled,
  stop: isDown,
  reload: () => true,
};

/** Carries out what a client asks of services; resolves with the instances that it was about when it has come to something. */
export async function requestByHand(supervisor: Supervisor, { action, names, force, by }: HandRequest): Promise<readonly Instance[]> {
  const starts = action === "start" || action === "restart";
  if (starts && supervisor.demands.refusing) throw startRefused();
  const targets = names.length > 0 ? names : bulkTargets(supervisor, action);
  for (const name of targets) supervisor.demands.checkTarget(name);
  const touched: Instance[] = [];
  const rivals = new Set<Instance>();
  await supervisor.transact(`rind ${action} ${names.length > 0 ? names.join(" ") : "--all"}${by}`, (cause) => {
    for (const name of targets) touched.push(...supervisor.demands.byHand(name, action, { force, cause, reason: `${action} by hand` }));
    if (force && action === "start")
      for (const rival of touched.flatMap((instance) => supervisor.demands.inTheWay(instance))) rivals.add(rival);
  });
  // what was stopped by force to make room has to be gone before it is known what the start comes to
  await Promise.all([...rivals].map((rival) => awaitPhase(supervisor, supervisor.instances, rival, isDown)));
  await Promise.all(touched.map((instance) => awaitPhase(supervisor, supervisor.instances, instance, ACCEPTS[action])));
  const isRefused = ({ phase, context }: Instance): boolean => phase === "blocked" || (isDown(phase) && context.outcome === "stopped");
  if (starts && supervisor.demands.refusing && touched.some(isRefused)) throw startRefused();
  return touched;
}

function startRefused(): RejectedError {
  return new RejectedError("nothing is started any more: a shutdown is under way");
}
