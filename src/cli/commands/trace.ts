import type { Commands } from "../command-words.ts";
import { type Context, printJson, printLines } from "../context.ts";
import { withoutEchoes } from "../render/echo.ts";
import { factTrees } from "../render/facts.ts";
import { readCount } from "./logs.ts";

export function addTrace(program: Commands, context: Context): void {
  program
    .command("trace")
    .description("show what happened last, each fact under what caused it")
    .argument("[name]", "only what concerns this service, instance, state or signal, with all that caused it")
    .option("-n, --lines <count>", "so many facts", readCount, 40)
    .option("--json", "print the facts as json")
    .action(async (name: string | undefined, options: { json?: true; lines: number }) => {
      const facts = await context.withDaemon((client) => client.call("event.trace", { last: options.lines, name }));
      if (options.json) await printJson(context, facts);
      else await printLines(context, factTrees(withoutEchoes(facts), context.style, context.terminal.now()));
    });
}
