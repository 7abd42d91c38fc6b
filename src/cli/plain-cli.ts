import { ExitCode } from "../errors/exit-code.ts";
import type { Commands } from "./command-words.ts";
import { addEmit, addSet, addUnset } from "./commands/change.ts";
import { addRestart, addStart, addStop } from "./commands/control-services.ts";
import { addGet } from "./commands/get.ts";
import { addKill } from "./commands/kill.ts";
import { addList } from "./commands/list.ts";
import { addLogs } from "./commands/logs.ts";
import { addStats } from "./commands/stats.ts";
import { addStatus } from "./commands/status.ts";
import { addTrace } from "./commands/trace.ts";
import { addWhy } from "./commands/why.ts";
import { type Connect, type Context, contextFor } from "./context.ts";
import { PlainCommand } from "./plain-command.ts";
import { reportError } from "./report-error.ts";
import type { Terminal } from "./terminal.ts";

/** How each command is declared. */
export type Declarations = Readonly<Record<string, (program: Commands, context: Context) => void>>;

/** What scripts call, and people while they wait: commands that ask the daemon something and print the answer. */
export const QUESTIONS: Declarations = {
  emit: addEmit,
  set: addSet,
  unset: addUnset,
  get: addGet,
  start: addStart,
  stop: addStop,
  restart: addRestart,
  kill: addKill,
  list: addList,
  status: addStatus,
  stats: addStats,
  why: addWhy,
  logs: addLogs,
  trace: addTrace,
};

/**
 * Carries out a plain command line without commander; the exit code. undefined: nothing was done, `runCli` has to read these words. Never rejects.
 */
export async function runPlainly(
  words: readonly string[],
  { commands, terminal, connect }: { readonly commands: Declarations; readonly terminal: Terminal; readonly connect: Connect },
): Promise<number | undefined> {
  let exitCode: number = ExitCode.done;
  try {
    const { socket, verb, others } = split(words);
    const add = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
    if (add === undefined) return undefined;
    const command = new PlainCommand();
    const exitWith = (code: number): void => {
      exitCode = code;
    };
    add({ command: () => command }, contextFor(terminal, { connect, socketOption: () => socket, exitWith }));
    const run = command.read(others);
    if (run === undefined) return undefined;
    await run();
    return exitCode;
  } catch (error) {
    return reportError(error, terminal);
  }
}

/** `--socket PATH` may stand anywhere. */
function split(words: readonly string[]): {
  readonly socket: string | undefined;
  readonly verb: string;
  readonly others: readonly string[];
} {
  const at = words.indexOf("--socket");
  const socket = at < 0 ? undefined : words[at + 1];
  const [verb = "", ...others] = socket === undefined || socket.startsWith("-") ? words : words.toSpliced(at, 2);
  return { socket, verb, others };
}
