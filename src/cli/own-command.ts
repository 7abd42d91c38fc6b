import { isSea } from "node:sea";
import { isAbsolute } from "node:path";

/** The program and its first arguments, so that it can start itself anew. */
export function ownCommand(): readonly string[] {
  const { execPath, execArgv, argv } = process;
  if (isSea()) return [execPath];
  const script = argv.slice(1, 2);
  // Without /proc, as at the start of a machine, Node does not know its own path; the script begins with a line that finds it.
  return isAbsolute(execPath) ? [execPath, ...execArgv, ...script] : script;
}
