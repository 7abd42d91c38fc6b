import type { ServiceRow } from "../../control/api.ts";
import { ExitCode } from "../../errors/exit-code.ts";
import { UsageError } from "../../errors/rind-error.ts";
import type { CommandWords, Commands } from "../command-words.ts";
import { type Context, type DaemonClient, printJson, printLines } from "../context.ts";
import { serviceLine } from "../render/services.ts";

/** `start`, `stop` and `restart`. */

interface Options {
  readonly all?: true;
  readonly force?: true;
  readonly json?: true;
}

export function addStart(program: Commands, context: Context): void {
  verb(program, "start", "start services, whatever their start-on says")
    .option("--force", "also against stop-on; what conflicts with it is stopped")
    .action((names: string[], options: Options) =>
      act(context, names, options, (client, all) => client.call("service.start", { names: all, force: options.force === true })),
    );
}

export function addStop(program: Commands, context: Context): void {
  verb(program, "stop", "stop services, and keep them down")
    .option("--force", "kill at once")
    .action((names: string[], options: Options) =>
      act(context, names, options, (client, all) => client.call("service.stop", { names: all, force: options.force === true })),
    );
}

export function addRestart(program: Commands, context: Context): void {
  verb(program, "restart", "stop and start services").action((names: string[], options: Options) =>
    act(context, names, options, (client, all) => client.call("service.restart", { names: all })),
  );
}

function verb(program: Commands, name: string, description: string): CommandWords {
  return program
    .command(name)
    .description(description)
    .argument("[names...]", "services, or instances: GROUP@ITEM/KEY")
    .option("--all", "all services but those of class system")
    .option("--json", "print the services as json");
}

/** Names, or the empty list for `--all`: what the protocol takes. Throws a `UsageError` for neither and for both. */
export function chosen(names: readonly string[], options: { readonly all?: true }): readonly string[] {
  if (names.length > 0 && options.all) throw new UsageError("both names and --all are given", { hint: "leave one of them away" });
  if (names.length === 0 && !options.all) throw new UsageError("no service is named", { hint: "give names, or --all" });
  return names;
}

async function act(
  context: Context,
  names: readonly string[],
  options: Options,
  call: (client: DaemonClient, names: readonly string[]) => Promise<readonly ServiceRow[]>,
): Promise<void> {
  const wanted = chosen(names, options);
  await showServices(context, await context.withDaemon((client) => call(client, wanted)), options);
}

/** Shows how the services are now; one that has failed makes the exit code 1. */
export async function showServices(context: Context, rows: readonly ServiceRow[], options: { readonly json?: true }): Promise<void> {
  if (options.json) await printJson(context, rows);
  else
    await printLines(
      context,
      rows.map((row) => serviceLine(row, context.style)),
    );
  if (rows.some((row) => row.phase === "failed")) context.exitWith(ExitCode.failed);
}
