import { compile, type Program } from "../flow/program.ts";
import type { ImportDecl, UnitSet } from "../model/unit-set.ts";
import { checkItems, declareNames } from "./check-items.ts";
import type { Collected, Item } from "./collect-items.ts";
import type { ForeignPlace } from "./cross-services.ts";
import { extendServices } from "./extend.ts";
import { findingProblems } from "./finding-problems.ts";
import { isOmitted, type Omitted, withoutSettings } from "./omitted.ts";
import type { Problem } from "./problem.ts";
import type { Project } from "./project.ts";
import { resolveUnits } from "./resolve-units.ts";

/** What becomes of the items, and all that is wrong with them. Where that includes an error the units must not be run. */
export interface Assembly {
  readonly units: UnitSet;
  readonly program: Program;
  /** With every `extends` carried out. */
  readonly items: readonly Item[];
  readonly foreign: ReadonlyMap<string, ForeignPlace>;
  readonly problems: readonly Problem[];
}

export interface Ground {
  /** Groups of which a file could not be read. */
  readonly unread: readonly string[];
  /** Whether each item of each file is known, whatever is wrong with it. */
  readonly knowsAll: boolean;
  readonly imports: readonly ImportDecl[];
  readonly project: Project;
}

/** `omitted`: what is left out so that the rest can run; undefined: nothing, and errors are told. */
export async function assembleItems(
  collected: Collected,
  { unread, knowsAll, imports, project }: Ground,
  omitted: Omitted | undefined,
): Promise<Assembly> {
  const problems: Problem[] = [];
  const settings = withoutSettings(collected.settings, omitted);
  const isOut = (item: Item): boolean => isOmitted(item, omitted);
  const names = declareNames(collected.items, imports, isOut, problems);
  for (const group of unread) names.addUnread(group);
  if (!knowsAll) names.lackSome();
  const items = extendServices(collected.items, names, omitted !== undefined, problems);
  const good = await checkItems(
    items.filter((item) => !isOut(item)),
    problems,
  );
  const bad = omitted === undefined ? undefined : await checkItems(items.filter(isOut), []);
  const { units, foreign } = await resolveUnits(good, settings, names, project, problems, bad);
  const { program, findings } = compile(units, { lacksServices: omitted !== undefined });
  problems.push(...findingProblems(findings, items, foreign));
  return { units, program, items, foreign, problems };
}
