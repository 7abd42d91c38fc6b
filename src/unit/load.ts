/** The way from unit files to a unit set and its program. Bad units never throw: they come back as diagnostics, all of them at once. */
import type { Diagnostic } from "../errors/unit-error.ts";
import { compile, type Program } from "../flow/program.ts";
import type { UnitSet } from "../model/unit-set.ts";
import { checkItems, declareNames } from "./check-items.ts";
import { type Collected, collectItems, type Item } from "./collect-items.ts";
import type { ForeignPlace } from "./cross-services.ts";
import { translate, type WrittenFile } from "./dialect/translate.ts";
import { extendServices } from "./extend.ts";
import { findingProblems } from "./finding-problems.ts";
import { parseToml } from "./parse.ts";
import { placeProblems } from "./place-problems.ts";
import type { Problem, SourceFile } from "./problem.ts";
import { type Project, projectOf } from "./project.ts";
import { type ReadUnits, readUnits, type StoredFile, withStored } from "./read-units.ts";
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
  /** The texts that all of it was made of. */
  readonly read: ReadUnits;
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
  /** What an earlier load has read: the disk is not asked, and only `candidates` are other than then. */
  readonly read?: ReadUnits | undefined;
}

export async function loadUnits(options: LoadOptions): Promise<LoadedUnits> {
  return (await assembleUnits(options)).loaded;
}

/** A unit set with the items that it was made of. */
export interface AssembledUnits {
  readonly loaded: LoadedUnits;
  readonly items: readonly Item[];
  readonly settings: Collected["settings"];
  readonly foreign: ReadonlyMap<string, ForeignPlace>;
}

export async function assembleUnits(options: LoadOptions): Promise<AssembledUnits> {
  const { path, strict, env, cwd, servicesFolder: folder, candidates = [], read } = options;
  const texts =
    read === undefined || folder === undefined ? readUnits(path, cwd, { folder, candidates }) : withStored(read, folder, candidates);
  return buildUnits(texts, projectOf(path, cwd, env), strict);
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
  const read = { files: ordered, unread: [], mistakes: [], names: ordered.map(({ name }) => name) };
  return (await buildUnits(read, projectOf([cwd], cwd, env), strict)).loaded;
}

async function buildUnits(read: ReadUnits, project: Project, strict: boolean): Promise<AssembledUnits> {
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
  const found = { units: good ? units : undefined, program: good ? program : undefined };
  return { loaded: { ...found, project: project.folder, diagnostics, read }, items, settings, foreign };
}
