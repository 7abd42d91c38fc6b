/** The way from unit files to a unit set and its program. Bad units never throw: they come back as diagnostics, all of them at once. */
import type { Diagnostic } from "../errors/unit-error.ts";
import type { Program } from "../flow/program.ts";
import { type Assembly, assembleItems } from "./assemble.ts";
import type { ImportDecl, UnitSet } from "../model/unit-set.ts";
import { type Collected, collectItems, type Item } from "./collect-items.ts";
import type { ForeignPlace } from "./cross-services.ts";
import { translate, type WrittenFile } from "./dialect/translate.ts";
import { type LeftOut, leaveOutBad } from "./leave-out.ts";
import { garbledFiles, uncertainItems } from "./uncertain-items.ts";
import type { Omitted } from "./omitted.ts";
import { parseToml } from "./parse.ts";
import { placeProblems } from "./place-problems.ts";
import type { Problem, SourceFile } from "./problem.ts";
import { type Project, projectOf } from "./project.ts";
import { type ReadUnits, readUnits, type StoredFile, withStored } from "./read-units.ts";

export interface LoadedUnits {
  /** undefined where there are errors, unless `leaveOut` was asked for. */
  readonly units: UnitSet | undefined;
  /** What the flow engine runs; there where `units` is. */
  readonly program: Program | undefined;
  /** The project folder, absolute. */
  readonly project: string;
  /** Errors and warnings, in the order of files and lines. */
  readonly diagnostics: readonly Diagnostic[];
  /** With `leaveOut`: what `units` lacks because of errors. */
  readonly leftOut: readonly LeftOut[];
  /** The texts that all of it was made of. */
  readonly read: ReadUnits;
}

export interface LoadOptions {
  /** The folders of the units path. */
  readonly path: readonly string[];
  /** Warnings are errors. */
  readonly strict: boolean;
  /** The project folder, absolute; undefined: as the units path has it. */
  readonly project?: string | undefined;
  /** There always is a unit set: items and files with errors are left out, and the rest loads (SPEC 2). */
  readonly leaveOut?: boolean | undefined;
  /** What `${env:NAME}` and variables read. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The folder of the services that clients have set, one file each; it need not be there. undefined: none. */
  readonly servicesFolder?: string | undefined;
  /** Files of the services folder as they would be, so that a change can be judged before it is made. */
  readonly candidates?: readonly StoredFile[] | undefined;
  /** What an earlier load has read: the disk is not asked, and only `candidates` are other than then. */
  readonly read?: ReadUnits | undefined;
  /** States and signals of the system's daemon, for the daemon of a user. */
  readonly imports?: readonly ImportDecl[] | undefined;
  /** Unit files that Rind itself brings, by their name: as if they lay in a folder before all others. */
  readonly builtIn?: ReadonlyMap<string, string> | undefined;
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
  const { path, strict, env, cwd, servicesFolder: folder, candidates = [], read, imports = [], builtIn, leaveOut = false } = options;
  const texts =
    read === undefined || folder === undefined
      ? readUnits(path, cwd, { folder, candidates }, builtIn)
      : withStored(read, folder, candidates);
  return buildUnits(texts, projectOf(path, cwd, env, options.project), { strict, imports, leaveOut });
}

/**
 * As `loadUnits`, of texts that lie on no disk: `GROUP.toml`, and `GROUP.d/NAME.toml` for drop-ins, which apply in the order given.
 * Relative paths are relative to `cwd`.
 */
export async function parseUnits(
  texts: ReadonlyMap<string, string>,
  options: {
    readonly strict?: boolean;
    readonly env?: NodeJS.ProcessEnv;
    readonly cwd?: string;
    readonly imports?: readonly ImportDecl[];
    readonly leaveOut?: boolean;
  } = {},
): Promise<LoadedUnits> {
  const { strict = false, env = {}, cwd = "/", imports = [], leaveOut = false } = options;
  const files = [...texts].map(([name, text]): SourceFile => {
    const dropIn = /^([^/]*)\.d\//.exec(name)?.[1];
    return { name, group: dropIn ?? name.replace(/\.toml$/, ""), dropIn: dropIn !== undefined, item: undefined, text };
  });
  const ordered = [...files.filter(({ dropIn }) => !dropIn), ...files.filter(({ dropIn }) => dropIn)];
  const read = { files: ordered, unread: [], mistakes: [], names: ordered.map(({ name }) => name) };
  return (await buildUnits(read, projectOf([cwd], cwd, env), { strict, imports, leaveOut })).loaded;
}

async function buildUnits(
  read: ReadUnits,
  project: Project,
  { strict, imports, leaveOut }: { readonly strict: boolean; readonly imports: readonly ImportDecl[]; readonly leaveOut: boolean },
): Promise<AssembledUnits> {
  const placed: Diagnostic[] = [...read.mistakes];
  const problems: Problem[] = [];
  const unread = [...read.unread];
  const written = read.files.flatMap((file): WrittenFile[] => {
    const root = parseToml(file, placed);
    if (root === undefined) unread.push(file);
    return root === undefined ? [] : [{ file, root }];
  });
  const collected = await collectItems(await translate(written, problems), problems);
  const uncertain = [...unread, ...garbledFiles(collected.items, problems)];
  const ground = { unread: unread.map(({ group }) => group), knowsAll: uncertain.length === 0, imports, project };
  const assemble = (omitted: Omitted | undefined): Promise<Assembly> => assembleItems(collected, ground, omitted);
  const { units, program, items, foreign, problems: more } = await assemble(undefined);
  const diagnostics = await placeProblems([...problems, ...more], placed, read.names, strict);
  const common = { project: project.folder, diagnostics, read, leftOut: [] };
  const { settings } = collected;
  if (!diagnostics.some(({ severity }) => severity === "error")) return { loaded: { units, program, ...common }, items, settings, foreign };
  if (!leaveOut) return { loaded: { units: undefined, program: undefined, ...common }, items, settings, foreign };
  problems.push(...uncertainItems(collected.items, items, uncertain));
  const { whole, leftOut } = await leaveOutBad(collected, { placed, problems, first: more }, assemble);
  return {
    loaded: { ...common, units: whole.units, program: whole.program, leftOut },
    items: whole.items,
    settings,
    foreign: whole.foreign,
  };
}
