import { resolve } from "node:path";
import type { Command } from "commander";
import { SYSTEM_SOCKET } from "../../control/find-socket.ts";
import { UsageError } from "../../errors/rind-error.ts";
import { isDaemonOfInit } from "../../init/hand-over.ts";
import { systemMachine } from "../../init/system-machine.ts";
import { holdCompilerBack } from "../../lib/small-heap.ts";
import type { Context } from "../context.ts";
import { narrationLine } from "../render/narration.ts";
import { styleFor } from "../render/style.ts";
import { unitsPath } from "../units-path.ts";

const SYSTEM_UNITS = "/etc/rind/flows";
const SYSTEM_STATE = "/var/lib/rind/state";

interface Options {
  readonly quiet?: true;
  readonly state?: string;
}

const HELP = `
The kernel starts it by these words on its command line:
  init=/usr/bin/rind init

Signals: SIGINT (Ctrl-Alt-Del) reboots, SIGTERM and SIGPWR power off, SIGHUP reads
the units anew.
`;

/** As PID 1 `main.ts` puts the program in its place that starts this command. */
export function addInit(program: Command, context: Context): void {
  program
    .command("init")
    .description("be the init system of a machine or a container, as its first process (PID 1)")
    .argument(
      "[words...]",
      "folders of unit files, separated by : and beginning with / (else RIND_UNITS_PATH, else /etc/rind/flows); other words, which the kernel hands over as it finds them on its command line, are left alone",
    )
    .option("--quiet", "print only what goes wrong")
    .option("--state <path>", `where states are kept (else RIND_STATE_PATH, else ${SYSTEM_STATE})`)
    .addHelpText("after", HELP)
    .allowUnknownOption()
    .action((words: readonly string[], options: Options) => init(context, words, options));
}

async function init(context: Context, words: readonly string[], { quiet, state }: Options): Promise<void> {
  const { terminal } = context;
  const { env, cwd } = terminal;
  if (!isDaemonOfInit(env)) {
    throw new UsageError(`rind init is for the first process of a machine or a container, PID 1; this is process ${process.pid}`, {
      hint: "rind up runs the units of a folder from anywhere",
    });
  }
  holdCompilerBack();
  const { runDaemon } = await import("../../daemon/run-daemon.ts");
  const style = styleFor({ colour: terminal.errColour, unicode: terminal.unicode });
  const folders = words.find((word) => word.startsWith("/"));
  const exitCode = await runDaemon({
    units: unitsPath(folders, env, SYSTEM_UNITS).map((folder) => resolve(cwd, folder)),
    services: [],
    socket: resolve(cwd, context.socketOption() ?? (env["RIND_SOCKET"] || SYSTEM_SOCKET)),
    statePath: resolve(cwd, state ?? (env["RIND_STATE_PATH"] || SYSTEM_STATE)),
    system: undefined,
    machine: systemMachine(),
    self: terminal.self,
    quiet: quiet === true,
    strict: false,
    foreground: true,
    narration: (line) => narrationLine(line, style),
    wait: undefined,
  });
  context.exitWith(exitCode);
}
