import { join } from "node:path";
import type { SetServiceAnswer } from "../control/api.ts";
import { RejectedError } from "../errors/rind-error.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { isDown } from "../model/phase.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import { type StagedFile, stageFile } from "../persist/staged-file.ts";
import { awaitGone } from "./await-gone.ts";
import { checkConflicts, checkExecutable, checkReferences } from "./check-service.ts";
import { exchangeUnits } from "./reload.ts";
import { ServiceRefusedError } from "./service-refused.ts";
import { serviceRows } from "./shown-rows.ts";
import type { Supervisor } from "./supervisor.ts";
import type { UnitSource } from "./unit-source.ts";

/**
 * `service.set` (SPEC 10). Owns that it is all or nothing: everything that can be wrong is found, and the file is on disk beside the old one,
 * before anything that runs is touched. To be called one at a time.
 */
export async function setService(supervisor: Supervisor, source: UnitSource, service: Json): Promise<SetServiceAnswer> {
  refuseWhileEnding(supervisor);
  const { name, fileName, text } = await source.read(service);
  const { units, program, diagnostics, inForce } = await source.loadWith([{ fileName, text }]);
  const decl = units?.services.find((each) => each.name === name);
  const alone = decl ?? (await withoutReferences(source, service));
  if (alone !== undefined) checkExecutable(alone, supervisor.launchGround());
  checkReferences(diagnostics);
  if (units === undefined || program === undefined || decl === undefined)
    throw new ServiceRefusedError("fields", `${name} would not run: it is a template, or has enabled = false`);
  checkConflicts(supervisor, units, decl);
  refuseWhileEnding(supervisor);

  const file = join(source.servicesPath, fileName);
  const staged = await stageFile(file, text);
  const replaced = supervisor.index.services.has(name);
  await replaceFile(supervisor, decl, staged);
  await exchangeUnits(supervisor, units, program, { what: `service.set ${name}`, anew: [name], then: () => {} });
  await inForce();
  const warnings = diagnostics.filter((diagnostic) => diagnostic.file === file);
  return { name, file, replaced, services: serviceRows(supervisor, decl), warnings };
}

/** What it runs, where the rest of it refers to what is not there: its program is checked before that. */
async function withoutReferences(source: UnitSource, service: Json): Promise<ServiceDecl | undefined> {
  if (!isJsonObject(service)) return undefined;
  const isNative = Object.hasOwn(service, "run");
  const kept = Object.entries(service).filter(([key]) => (isNative ? key === "name" || key === "run" : !ZINIT_REFERENCES.has(key)));
  const { name, fileName, text } = await source.read(Object.fromEntries(kept));
  const { units } = await source.loadWith([{ fileName, text }]);
  return units?.services.find((each) => each.name === name);
}

/** In its own table, or among the others where all are given in one. */
const ZINIT_REFERENCES = new Set(["dependencies", "after", "requires", "wants", "conflicts"]);

/** Throws while the daemon goes down: what is asked for now would not come to be. */
export function refuseWhileEnding({ demands }: Supervisor): void {
  if (demands.refusing) throw new RejectedError("no service is set or deleted any more: a shutdown is under way");
}

async function replaceFile(supervisor: Supervisor, { name }: ServiceDecl, staged: StagedFile): Promise<void> {
  const running = supervisor.instances.of(name).filter(({ phase }) => !isDown(phase));
  try {
    await killAll(supervisor, name);
  } catch (error) {
    await staged.discard();
    throw error;
  }
  try {
    await staged.commit();
  } catch (error) {
    // the old one was to go for something that is not to come
    await supervisor.transact(`service.set ${name} has failed`, (cause) => {
      for (const instance of running)
        supervisor.demands.hand(instance, "start", { force: false, cause, reason: "it could not be replaced" });
    });
    throw error;
  }
}

async function killAll(supervisor: Supervisor, name: string): Promise<void> {
  const running = supervisor.instances.of(name).filter(({ phase }) => !isDown(phase));
  if (running.length === 0) return;
  await supervisor.transact(`service.set ${name}`, (cause) => {
    for (const instance of running) supervisor.demands.hand(instance, "stop", { force: true, cause, reason: "replaced by service.set" });
  });
  await awaitGone(supervisor, running, 0);
}
