import type { Command } from "commander";
import { formatDiagnostic } from "../../errors/unit-error.ts";
import { UsageError } from "../../errors/rind-error.ts";
import { type Context, printJson, printLines } from "../context.ts";
import { reloadLines } from "../render/changes.ts";
import { chosen, showServices } from "./control-services.ts";

interface Options {
  readonly all?: true;
  readonly restart?: true;
  readonly json?: true;
}

export function addReload(program: Command, context: Context): void {
  program
    .command("reload")
    .description("read the unit files anew; with names, send these services their reload")
    .argument("[names...]", "services, or instances: GROUP@ITEM/KEY")
    .option("--restart", "of the unit files: restart the services whose process runs with what was before")
    .option("--all", "send all services their reload, but those of class system")
    .option("--json", "print the answer as json")
    .action((names: string[], options: Options) =>
      names.length > 0 || options.all ? reloadServices(context, names, options) : reloadUnits(context, options),
    );
}

async function reloadUnits(context: Context, options: Options): Promise<void> {
  const answer = await context.withDaemon((client) => client.call("system.reload", { restart: options.restart === true }));
  for (const warning of answer.warnings) context.terminal.err(`warning: ${formatDiagnostic(warning)}\n`);
  if (options.json) await printJson(context, answer);
  else await printLines(context, reloadLines(answer, context.style));
}

async function reloadServices(context: Context, names: readonly string[], options: Options): Promise<void> {
  if (options.restart) throw new UsageError("--restart is for unit files", { hint: "to restart services: rind restart NAME" });
  const wanted = chosen(names, options);
  await showServices(context, await context.withDaemon((client) => client.call("service.reload", { names: wanted })), options);
}
