import { Command, CommanderError } from "commander";
import { connectControl } from "../control/client.ts";
import { ExitCode } from "../errors/exit-code.ts";
import { version } from "../lib/version.ts";
import { addEmit, addSet, addUnset } from "./commands/change.ts";
import { addCheck } from "./commands/check.ts";
import { addComplete, addCompletion } from "./commands/completion.ts";
import { addRestart, addStart, addStop } from "./commands/control-services.ts";
import { addDown } from "./commands/down.ts";
import { addEvents } from "./commands/events.ts";
import { addGet } from "./commands/get.ts";
import { addGraph } from "./commands/graph.ts";
import { addInit } from "./commands/init.ts";
import { addKill } from "./commands/kill.ts";
import { addList } from "./commands/list.ts";
import { addLogs } from "./commands/logs.ts";
import { addPower } from "./commands/power.ts";
import { addReload } from "./commands/reload.ts";
import { addSession } from "./commands/session.ts";
import { addStats } from "./commands/stats.ts";
import { addStatus } from "./commands/status.ts";
import { addTrace } from "./commands/trace.ts";
import { addUp } from "./commands/up.ts";
import { addVariable } from "./commands/variable.ts";
import { addWhy } from "./commands/why.ts";
import { contextFor } from "./context.ts";
import { reportError } from "./report-error.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Examples:
  rind up -d flows            run the units in flows/, in the background
  rind set net@configured id=eth0
  rind emit backup@complete   wake whatever waits for this signal
  rind why web@server         why it runs or does not, and what would change that
  rind logs -f web@server

Exit codes: 0 done, 1 it failed, 64 usage, 66 declared nowhere, 69 no daemon, 77 not permitted, 78 bad units.
`;

/** Carries out one command line (without the program's own name); returns the exit code. Never rejects. */
export async function runCli(words: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = ExitCode.done;
  const program = buildProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed help or its message already; whatever it refuses is a mistake in the words.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
    return reportError(error, terminal);
  }
}

/** The command line as commander knows it; `exitWith` hears the exit code of what fails without an error. */
export function buildProgram(terminal: Terminal, exitWith: (code: number) => void): Command {
  const program = new Command("rind");
  const socketOption = () => program.opts<{ socket?: string }>().socket;
  const context = contextFor(terminal, { connect: connectControl, socketOption, exitWith });

  program
    .description("Starts, watches and stops programs, driven by what is true now: states and signals.")
    .version(version, "-V, --version")
    .option(
      "--socket <path>",
      "the control socket (else RIND_SOCKET, the running project of this folder, the user's own daemon, the system's)",
    )
    .addHelpText("after", EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.out(text).catch(() => {}),
      writeErr: (text) => terminal.err(text),
      outputError: (text, write) => write(usageMessage(text)),
      getOutHasColors: () => terminal.colour,
      getErrHasColors: () => false,
    });

  program.commandsGroup("Run:");
  addUp(program, context);
  addDown(program, context);
  addInit(program, context);
  addPower(program, context);
  addReload(program, context);
  addCheck(program, context);
  program.commandsGroup("States and signals:");
  addEmit(program, context);
  addSet(program, context);
  addUnset(program, context);
  addGet(program, context);
  addVariable(program, context);
  addSession(program, context);
  program.commandsGroup("Services:");
  addStart(program, context);
  addStop(program, context);
  addRestart(program, context);
  addKill(program, context);
  program.commandsGroup("Look:");
  addList(program, context);
  addStatus(program, context);
  addStats(program, context);
  addWhy(program, context);
  addLogs(program, context);
  addTrace(program, context);
  addEvents(program, context);
  addGraph(program, context);
  program.commandsGroup("Shell:");
  program.helpCommand("help [command]", "explain a command");
  addCompletion(program, context);
  addComplete(program, context);
  hideUnexplained(program);
  return program;
}

/** An option without a description is one that Rind gives to itself. */
function hideUnexplained(program: Command): void {
  for (const { options } of program.commands) for (const option of options) if (option.description === "") option.hideHelp();
}

/** Commander's `error: MESSAGE\n(HINT)` in the form of all other messages. */
function usageMessage(text: string): string {
  const [message = "", ...hints] = text.trim().split("\n");
  const hint = hints.join(" ") || "(rind --help lists commands, rind help COMMAND its options)";
  return `rind: ${message.replace(/^error: /, "")} ${hint}\n`;
}
