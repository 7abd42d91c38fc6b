import type { Commands } from "../command-words.ts";
import { type Context, printJson, printLines } from "../context.ts";
import { worthListing } from "../render/echo.ts";
import { payloadText, stateTable } from "../render/states.ts";

export function addGet(program: Commands, context: Context): void {
  program
    .command("get")
    .description("print the payloads of a state, one branch per line; without NAME all states")
    .argument("[name]", "the state")
    .option("--json", "print a list of payloads")
    .action((name: string | undefined, options: { json?: true }) =>
      context.withDaemon(async (client) => {
        if (name === undefined) {
          const states = await client.call("flow.states", {});
          if (options.json) await printJson(context, states);
          else await printLines(context, stateTable(states.filter(worthListing), context.style, context.terminal.columns));
          return;
        }
        const payloads = await client.call("flow.get", { name });
        if (options.json) await printJson(context, payloads);
        else await printLines(context, payloads.map(payloadText));
      }),
    );
}
