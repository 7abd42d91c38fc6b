import type { Diagnostic } from "../errors/unit-error.ts";
import { focusUnits, resolveServices } from "../supervisor/focus.ts";
import { type ExplainedUnits, explainUnits } from "../unit/explain/explain.ts";
import { projectOf } from "../unit/project.ts";
import { defaultStatePath } from "./state-path.ts";
import { servicesPath } from "./unit-files.ts";

export interface DryRun {
  readonly diagnostics: readonly Diagnostic[];
  /** undefined where the units have errors. Of a run that is about some services only, without those that it leaves alone. */
  readonly explained: ExplainedUnits | undefined;
}

/** What `rind up` would run, and where each value of it comes from; starts nothing and writes nothing. */
export async function dryRun(options: {
  readonly units: readonly string[];
  readonly services: readonly string[];
  readonly statePath: string | undefined;
  readonly strict: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}): Promise<DryRun> {
  const { units: path, services, strict, env, cwd } = options;
  const statePath = options.statePath ?? env["RIND_STATE_PATH"] ?? defaultStatePath(projectOf(path, cwd, env).folder);
  const { units, diagnostics, explained } = await explainUnits({
    path,
    strict,
    env,
    cwd,
    servicesFolder: servicesPath(statePath, env, cwd),
  });
  if (units === undefined || explained === undefined || services.length === 0) return { diagnostics, explained };
  const focused = focusUnits(units, resolveServices(services, units));
  const taken = new Set(focused.services.filter(({ status }) => status !== "ignore").map(({ name }) => name));
  return {
    diagnostics,
    explained: { ...explained, items: explained.items.filter(({ section, name }) => section !== "service" || taken.has(name)) },
  };
}
