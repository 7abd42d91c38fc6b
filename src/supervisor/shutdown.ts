import { isDown } from "../model/phase.ts";
import { awaitPhase } from "./await-phase.ts";
import type { Instance } from "./instance.ts";
import { orderDepths } from "./order-depth.ts";
import type { Supervisor } from "./supervisor.ts";

/** How long what `rind@shutdown` starts is waited for where its unit gives no `start-timeout`. */
const SHUTDOWN_START_TIMEOUT_MS = 30_000;

/**
 * Stops everything in order (SPEC 4, 6.6): `rind@shutdown` first, and what it starts is waited for; from then on every start is
 * refused, and services stop in the reverse of their order, layer by layer, in parallel within a layer. What has not ended after
 * `shutdown-timeout` is killed; what cannot be killed is reported and left.
 */
export async function shutDown(supervisor: Supervisor, abort: AbortSignal): Promise<void> {
  await lastRuns(supervisor, abort);
  await supervisor.transact("starts are refused from now on", (cause) => supervisor.demands.refuseStarts(cause));
  const timeoutMs = supervisor.index.units.settings.shutdownTimeoutMs;
  const limit = deadline(supervisor, timeoutMs, abort);
  for (const layer of layers(supervisor)) {
    await Promise.race([stopAll(supervisor, layer, "shutdown", false), limit.passed]);
    if (limit.isPassed()) break;
  }
  limit.clear();
  const left = alive(supervisor);
  if (left.length === 0) return;
  const last = deadline(supervisor, KILL_GRACE_MS, undefined);
  await Promise.race([stopAll(supervisor, left, "shutdown took too long", true), last.passed]);
  // a timer that runs on would keep the daemon from ending
  last.clear();
  for (const { name } of alive(supervisor)) supervisor.log.error({ service: name }, "cannot be killed; left behind");
}

/** After SIGKILL only what hangs in the kernel stays. */
const KILL_GRACE_MS = 2_000;

async function lastRuns(supervisor: Supervisor, abort: AbortSignal): Promise<void> {
  const facts = await supervisor.transact("shutdown", (cause) =>
    supervisor.apply([{ op: "emit", signal: "rind@shutdown", payload: null }], [cause]),
  );
  const started = facts.flatMap((fact) =>
    fact.kind === "request" && fact.action === "start" ? [supervisor.instances.get(fact.instance)] : [],
  );
  await Promise.all(started.flatMap((instance) => (instance === undefined ? [] : [lastRun(supervisor, instance, abort)])));
}

async function lastRun(supervisor: Supervisor, instance: Instance, abort: AbortSignal): Promise<void> {
  const limit = deadline(supervisor, instance.decl.startTimeoutMs ?? SHUTDOWN_START_TIMEOUT_MS, abort);
  const oneshot = instance.decl.type === "oneshot";
  const settled = awaitPhase(
    supervisor,
    supervisor.instances,
    instance,
    (phase) => isDown(phase) || phase === "blocked" || (!oneshot && phase === "running"),
  );
  await Promise.race([settled, limit.passed]);
  limit.clear();
}

async function stopAll(supervisor: Supervisor, instances: readonly Instance[], reason: string, force: boolean): Promise<void> {
  await supervisor.transact(reason, (cause) => {
    for (const instance of instances) supervisor.demands.hand(instance, "stop", { force, cause, reason });
  });
  await Promise.all(instances.map((instance) => awaitPhase(supervisor, supervisor.instances, instance, isDown)));
}

function alive(supervisor: Supervisor): readonly Instance[] {
  return [...supervisor.instances.all()].filter(({ phase }) => !isDown(phase));
}

/** What is up, in the order of stopping: nobody in a layer is waited for (`after`) by somebody in the same or a later one. */
function layers(supervisor: Supervisor): readonly (readonly Instance[])[] {
  const depths = orderDepths(supervisor.index.services);
  const byDepth = new Map<number, Instance[]>();
  for (const instance of alive(supervisor)) {
    const depth = depths.get(instance.service) ?? 0;
    const layer = byDepth.get(depth);
    if (layer === undefined) byDepth.set(depth, [instance]);
    else layer.push(instance);
  }
  return [...byDepth].sort(([a], [b]) => b - a).map(([, layer]) => layer);
}

interface Deadline {
  readonly passed: Promise<void>;
  isPassed(): boolean;
  clear(): void;
}

/** Passes after `ms`, or at once when `abort` says so. */
function deadline({ clock }: Supervisor, ms: number, abort: AbortSignal | undefined): Deadline {
  let isPassed = false;
  let timer: unknown;
  let onAbort = (): void => {};
  const passed = new Promise<void>((resolve) => {
    onAbort = () => {
      isPassed = true;
      resolve();
    };
    timer = clock.setTimeout(onAbort, ms);
  });
  if (abort?.aborted === true) onAbort();
  abort?.addEventListener("abort", onAbort, { once: true });
  return {
    passed,
    isPassed: () => isPassed,
    clear: () => {
      clock.clearTimeout(timer);
      abort?.removeEventListener("abort", onAbort);
    },
  };
}
