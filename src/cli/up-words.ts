import { statSync } from "node:fs";
import { resolve } from "node:path";
import { NAME_PATTERN } from "../model/name.ts";

/** Where units lie and which services are meant, of the words of `rind up [DIR] [SERVICE…]`. */
export interface UpWords {
  readonly dir: string | undefined;
  readonly services: readonly string[];
}

/**
 * The first word is DIR where such a folder exists (SPEC 9), and where it cannot be a service: for its form, or because no folder of
 * `otherwise`, in which services would be looked for, is there.
 */
export function readUpWords(words: readonly string[], cwd: string, otherwise: readonly string[]): UpWords {
  const [first, ...rest] = words;
  if (first === undefined) return { dir: undefined, services: [] };
  const hasServices = isServiceName(first) && otherwise.some((folder) => isFolder(resolve(cwd, folder)));
  const isDir = !hasServices || isFolder(resolve(cwd, first));
  return isDir ? { dir: first, services: rest } : { dir: undefined, services: words };
}

function isServiceName(word: string): boolean {
  return word.split("@").length <= 2 && word.split("@").every((part) => NAME_PATTERN.test(part));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
