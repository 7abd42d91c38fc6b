import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inNamespace, type Namespace } from "../support/pid-namespace.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { DIST, type Result, runToEnd } from "./program.ts";

const PRIVATE_ROOT = fileURLToPath(new URL("../support/programs/private-root.sh", import.meta.url));

/** Where the program is in there. */
export const PROGRAM = "/usr/bin/node /rind/rind.js";

export interface Root extends Namespace {
  /** Runs a command line in there to its end. */
  sh(command: string): Promise<Result>;
  /** Runs `rind` in there; fails where its exit code is not 0. Answers what it printed. */
  rind(words: string): Promise<string>;
  /** Runs `rind WORDS` in there, which ends the machine, and may be ended with it before it has ended itself. */
  power(words: string): Promise<void>;
  /** Replaces a file in there. */
  write(path: string, text: string): Promise<void>;
}

export interface RootOptions {
  /** By path. */
  readonly files: Readonly<Record<string, string>>;
  /** A folder that can be written to, `/` for all of it; empty: nothing can. */
  readonly writable: string;
  readonly terminal?: boolean;
  /** A folder out here that is /disk in there. */
  readonly disk?: string;
  /** Shell code that becomes the program, which is its `"$@"`. */
  readonly entry?: string;
}

/** Runs `rind` by a shell in there; throws where it fails. */
export function rindBy(sh: (text: string) => Promise<Result>): (words: string) => Promise<string> {
  return async (words) => {
    const { code, out, err } = await sh(`exec ${PROGRAM} ${words}`);
    if (code !== 0) throw new Error(`rind ${words} ended with ${code}: ${err}`);
    return out;
  };
}

/** Runs `rind WORDS` as the first process of a namespace, in a file system of its own that goes with it. */
export function inPrivateRoot(words: string, { files, writable, terminal = false, disk = "", entry }: RootOptions): Root {
  const folder = tempFolder();
  const [root, given] = [join(folder, "root"), join(folder, "files")];
  for (const made of [root, given]) mkdirSync(made);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(given, path)), { recursive: true });
    writeFileSync(join(given, path), text);
  }
  const before = entry === undefined ? [] : ["/bin/sh", "-c", entry, "sh"];
  const command = [PRIVATE_ROOT, root, DIST, given, disk, writable, ...before, ...PROGRAM.split(" "), ...words.split(" ")];
  const namespace = inNamespace(command, { terminal });
  const sh = async (text: string): Promise<Result> => {
    const first = String(await namespace.first());
    const inside = ["-t", first, "-a", "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin", "/bin/sh", "-c", text];
    return runToEnd("nsenter", inside);
  };
  return {
    ...namespace,
    sh,
    rind: rindBy(sh),
    power: async (given) => {
      const { code, err } = await sh(`exec ${PROGRAM} ${given}`);
      if (typeof code === "number" && code > 0 && code < 128) throw new Error(`rind ${given} ended with ${code}: ${err}`);
    },
    write: async (path, text) => {
      const { code, err } = await sh(`cat > ${path} <<'END'\n${text}\nEND`);
      if (code !== 0) throw new Error(`${path} cannot be written: ${err}`);
    },
  };
}

/** A whole machine: `rind init`, with these unit files. */
export function bootRoot(units: Readonly<Record<string, string>>, { files = {}, ...more }: Partial<RootOptions> = {}): Root {
  const unitFiles = Object.entries(units).map(([name, text]) => [`etc/rind/flows/${name}`, text]);
  return inPrivateRoot("init", { files: { ...Object.fromEntries(unitFiles), ...files }, ...more, writable: "/" });
}

/** The lines on the console that a machine says itself. */
export function consoleLines(out: string): readonly string[] {
  return out.split(/\r?\n/).flatMap((line) => (line.startsWith("rind: ") ? [line.slice(6)] : []));
}
