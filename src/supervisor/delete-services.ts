import { basename, dirname, join } from "node:path";
import type { DeleteAnswer } from "../control/api.ts";
import { RejectedError } from "../errors/rind-error.ts";
import { UnitError } from "../errors/unit-error.ts";
import { isDown } from "../model/phase.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import { stageRemoval } from "../persist/staged-file.ts";
import { awaitGone } from "./await-gone.ts";
import { namedService } from "./named-instances.ts";
import { exchangeUnits } from "./reload.ts";
import { refuseWhileEnding } from "./set-services.ts";
import type { Supervisor } from "./supervisor.ts";
import type { LoadedUnits, UnitSource } from "./unit-source.ts";

/** Whether a client has set it; else it is of the unit files. */
export function isSet({ origin }: ServiceDecl, { servicesPath }: UnitSource): boolean {
  return origin !== undefined && dirname(origin.file) === servicesPath;
}

/**
 * `service.delete` (SPEC 10): the services and all that requires them, however far. All or nothing: where one of them is of the unit files, or
 * something that stays cannot be without one of them, nothing is touched. They stop in order, as by hand. To be called one at a time.
 */
export async function deleteServices(supervisor: Supervisor, source: UnitSource, names: readonly string[]): Promise<DeleteAnswer> {
  refuseWhileEnding(supervisor);
  if (names.length === 0) return { removed: [], restored: [] };
  const named = names.map((name) => namedService(supervisor, name));
  for (const decl of named) checkIsSet(decl, decl, source);
  const { doomed, loaded } = await withDependents(supervisor, source, named);
  const { units, program, diagnostics } = loaded;
  if (units === undefined || program === undefined) throw new UnitError(diagnostics.filter(({ severity }) => severity === "error"));

  const staged = await stageRemoval(doomed.map((decl) => join(source.servicesPath, fileOf(decl))));
  const removed = doomed.map(({ name }) => name);
  const what = `service.delete ${names.join(" ")}`;
  try {
    await stopInOrder(supervisor, removed, what);
  } catch (error) {
    await staged.restore();
    throw error;
  }
  await exchangeUnits(supervisor, units, program, { what, anew: removed, then: () => {} });
  await staged.commit();
  await loaded.inForce();
  return { removed, restored: removed.filter((name) => supervisor.index.services.has(name)) };
}

interface Doomed {
  readonly doomed: readonly ServiceDecl[];
  readonly loaded: LoadedUnits;
}

/** What unit files declare too only becomes again what they say: nothing that requires it has to go. */
async function withDependents(supervisor: Supervisor, source: UnitSource, named: readonly ServiceDecl[]): Promise<Doomed> {
  const alone = await without(source, named);
  const back = new Set(alone.units?.services.map(({ name }) => name));
  if (named.every(({ name }) => back.has(name))) return { doomed: named, loaded: alone };
  const doomed = new Set(named);
  for (const gone of doomed) {
    for (const decl of supervisor.index.services.values()) {
      if (doomed.has(decl) || !decl.requires.some(({ service }) => service === gone.name)) continue;
      checkIsSet(decl, gone, source);
      doomed.add(decl);
    }
  }
  return { doomed: [...doomed], loaded: await without(source, [...doomed]) };
}

function without(source: UnitSource, doomed: readonly ServiceDecl[]): Promise<LoadedUnits> {
  return source.loadWith(doomed.map((decl) => ({ fileName: fileOf(decl), text: undefined })));
}

function fileOf({ origin }: ServiceDecl): string {
  return basename(origin?.file ?? "");
}

function checkIsSet(decl: ServiceDecl, gone: ServiceDecl, source: UnitSource): void {
  if (isSet(decl, source)) return;
  const place = decl.origin === undefined ? "the units" : `${decl.origin.file}:${decl.origin.line}`;
  const why = decl === gone ? "" : `, which requires ${gone.name},`;
  throw new RejectedError(`${decl.name}${why} is declared in ${place}`, { hint: "remove it there, then: rind reload" });
}

/** As by hand: what requires one of them stops before it. */
async function stopInOrder(supervisor: Supervisor, names: readonly string[], what: string): Promise<void> {
  const running = names.flatMap((name) => supervisor.instances.of(name)).filter(({ phase }) => !isDown(phase));
  await supervisor.transact(what, (cause) => {
    for (const instance of running) supervisor.demands.hand(instance, "stop", { force: false, cause, reason: "deleted" });
  });
  const layersAtMost = running.reduce((sum, { decl }) => sum + decl.stopTimeoutMs, 0);
  await awaitGone(supervisor, running, layersAtMost);
}
