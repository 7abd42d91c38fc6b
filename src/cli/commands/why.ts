import type { Commands } from "../command-words.ts";
import { type Context, printJson, printLines } from "../context.ts";
import { renderWhy } from "../render/why.ts";

export function addWhy(program: Commands, context: Context): void {
  program
    .command("why")
    .description("explain why a service, state or signal is as it is, and what would change it")
    .argument("<name>", "the service, instance, state or signal")
    .option("--json", "print as json")
    .action(async (name: string, options: { json?: true }) => {
      const why = await context.withDaemon((client) => client.call("service.why", { name }));
      if (options.json) await printJson(context, why);
      else await printLines(context, renderWhy(why, context.style, context.terminal.now()));
    });
}
