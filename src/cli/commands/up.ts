import { resolve } from "node:path";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { unitsPath } from "../units-path.ts";
import { startDetached } from "../start-detached.ts";

interface Options {
  readonly detach?: true;
  readonly quiet?: true;
  readonly strict?: true;
  readonly state?: string;
  readonly background?: true;
}

export function addUp(program: Command, context: Context): void {
  program
    .command("up")
    .description("run the units of a folder, in the foreground")
    .argument("[dir]", "folders of unit files, separated by : (else RIND_UNITS_PATH, else flows)")
    .option("-d, --detach", "run in the background; returns when the daemon answers")
    .option("--quiet", "print neither what services print nor what becomes of them")
    .option("--strict", "warnings in unit files are errors")
    .option("--state <path>", "where states are kept (else RIND_STATE_PATH, else in the project's folder)")
    // What `--detach` starts.
    .addOption(program.createOption("--background").hideHelp())
    .action((dir: string | undefined, options: Options) => up(context, dir, options));
}

async function up(context: Context, dir: string | undefined, options: Options): Promise<void> {
  const { env, cwd } = context.terminal;
  const units = unitsPath(dir, env).map((folder) => resolve(cwd, folder));
  const socket = context.socketOption() ?? (env["RIND_SOCKET"] || undefined);
  const daemon = {
    units,
    socket: socket === undefined ? undefined : resolve(cwd, socket),
    statePath: options.state === undefined ? undefined : resolve(cwd, options.state),
    quiet: options.quiet === true,
    strict: options.strict === true,
  };
  if (options.detach) {
    context.exitWith(await startDetached(context, daemon));
    return;
  }
  // Loaded here and nowhere else: no other command needs the packages that the daemon does.
  const { runDaemon } = await import("../../daemon/run-daemon.ts");
  context.exitWith(await runDaemon({ ...daemon, foreground: options.background !== true }));
}
