import type { Commands } from "../command-words.ts";
import { type Context, printJson, printLines } from "../context.ts";
import { statsTable } from "../render/stats.ts";

export function addStats(program: Commands, context: Context): void {
  program
    .command("stats")
    .description("show what the processes of a service use now: memory (shared pages by parts) and processor time")
    .argument("<name>", "the service, or one instance: GROUP@ITEM/KEY")
    .option("--json", "print as json")
    .action(async (name: string, options: { json?: true }) => {
      const answer = await context.withDaemon((client) => client.call("service.stats", { name }));
      if (options.json) await printJson(context, answer);
      else await printLines(context, statsTable(name, answer, context.terminal.columns));
    });
}
