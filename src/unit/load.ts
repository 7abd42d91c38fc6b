/** The way from unit files to a unit set and its program. Bad units never throw: they come back as diagnostics, all of them at once. */
import type { Diagnostic } from "../errors/unit-error.ts";
import { compile, type Program } from "../flow/program.ts";
import type { UnitSet } from "../model/unit-set.ts";
import { checkItems, declareNames } from "./check-items.ts";
import { collectItems } from "./collect-items.ts";
import { translate, type WrittenFile } from "./dialect/translate.ts";
import { extendServices } from "./extend.ts";
import { findingProblems } from "./finding-problems.ts";
import { parseToml } from "./parse.ts";
import { placeProblems } from "./place-problems.ts";
import type { Problem, SourceFile } from "./problem.ts";
import { type Project, projectOf } from "./project.ts";
import { type ReadUnits, readUnits, type StoredFile } from "./read-units.ts";
import { resolveUnits } from "./resolve-units.ts";

export interface LoadedUnits {
  /** undefined where there are errors. */
  readonly units: UnitSet | undefined;
  /** What the flow engine runs; undefined where there are errors. */
  readonly program: Program | undefined;
  /** The project folder, absolute. */
  readonly project: string;
  /** Errors and warnings, in the order of files and lines. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface LoadOptions {
  /** The folders of the units path. */
  readonly path: readonly string[];
  /** Warnings are errors. */
  readonly strict: boolean;
  /** What `${env:NAME}` and variables read. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The folder of the services that clients have set, one file each; it need not be there. undefined: none. */
  readonly servicesFolder?: string | undefined;
  /** Files of the services folder as they would be, so that a change can be judged before it is made. */
  readonly candidates?: readonly StoredFile[] | undefined;
}

export async function loadUnits(options: LoadOptions): Promise<LoadedUnits> {
  const { path, strict, env, cwd, servicesFolder: folder, candidates = [] } = options;
  return buildUnits(readUnits(path, cwd, { folder, candidates }), projectOf(path, cwd, env), strict);
}

/**
 * As `loadUnits`, of texts that lie on no disk: `GROUP.toml`, and `GROUP.d/NAME.toml` for drop-ins, which apply in the order given.
 * Relative paths are relative to `cwd`.
 */
export async function parseUnits(
  texts: ReadonlyMap<string, string>,
  options: { readonly strict?: boolean; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<LoadedUnits> {
  const { strict = false, env = {}, cwd = "/" } = options;
  const files = [...texts].map(([name, text]): SourceFile => {
    const dropIn = /^([^/]*)\.d\//.exec(name)?.[1];
    return { name, group: dropIn ?? name.replace(/\.toml$/, ""), dropIn: dropIn !== undefined, item: undefined, text };
  });
  const ordered = [...files.filter(({ dropIn }) => !dropIn), ...files.filter(({ dropIn }) => dropIn)];
  return buildUnits(
    { files: ordered, unread: [], mistakes: [], names: ordered.map(({ name }) => name) },
    projectOf([cwd], cwd, env),
    strict,
  );
}

async function buildUnits(read: ReadUnits, project: Project, strict: boolean): Promise<LoadedUnits> {
  const placed: Diagnostic[] = [...read.mistakes];
  const problems: Problem[] = [];
  const unread = [...read.unread];
  const written = read.files.flatMap((file): WrittenFile[] => {
    const root = parseToml(file, placed);
    if (root === undefined) unread.push(file.group);
    return root === undefined ? [] : [{ file, root }];
  });
  const { items: collected, settings } = await collectItems(translate(written, problems), problems);
  const names = declareNames(collected, problems);
  for (const group of unread) names.addUnread(group);
  const items = extendServices(collected, names, problems);
  const { units, foreign } = resolveUnits(checkItems(items, problems), settings, names, project, problems);
  const { program, findings } = compile(units);
  problems.push(...findingProblems(findings, items, foreign));
  const diagnostics = await placeProblems(problems, placed, read.names, strict);
  const good = !diagnostics.some(({ severity }) => severity === "error");
  return { units: good ? units : undefined, program: good ? program : undefined, project: project.folder, diagnostics };
}
