import type { Commands } from "../command-words.ts";
import { type Context, printJson, printLines } from "../context.ts";
import { serviceDetails, serviceTable } from "../render/services.ts";
import { age } from "../render/time.ts";

export function addStatus(program: Commands, context: Context): void {
  program
    .command("status")
    .description("show how a service is; without NAME the daemon and all services")
    .argument("[name]", "the service, or one instance: GROUP@ITEM/KEY")
    .option("--json", "print as json")
    .action((name: string | undefined, options: { json?: true }) =>
      name === undefined ? showAll(context, options) : showOne(context, name, options),
    );
}

async function showOne(context: Context, name: string, options: { json?: true }): Promise<void> {
  const answer = await context.withDaemon((client) => client.call("service.status", { name }));
  if (options.json) {
    await printJson(context, answer);
    return;
  }
  const rows = "name" in answer ? [answer] : answer;
  const blocks = rows.map((row) => serviceDetails(row, context.style, context.terminal.now()));
  await printLines(context, blocks.length === 0 ? [`${name} has no instance`] : blocks.flat());
}

async function showAll(context: Context, options: { json?: true }): Promise<void> {
  const { style, terminal } = context;
  const { info, services } = await context.withDaemon(async (client) => ({
    info: await client.call("system.info", {}),
    services: await client.call("service.list", {}),
  }));
  if (options.json) {
    await printJson(context, { ...info, services });
    return;
  }
  await printLines(context, [
    `${style.bold(`rind ${info.version}`)} of ${info.project}, pid ${info.pid}, up for ${age(Date.parse(info.since), terminal.now())}`,
    ...(info.shutting_down ? [style.yellow("shutting down: what is not down yet holds it up")] : []),
    ...info.degraded.map((reason) => style.red(`degraded: ${reason}`)),
    "",
    ...serviceTable(services, style, terminal.now(), terminal.columns),
  ]);
}
