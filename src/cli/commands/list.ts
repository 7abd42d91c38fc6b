import type { Commands } from "../command-words.ts";
import { type Context, printJson, printLines } from "../context.ts";
import { worthListing } from "../render/echo.ts";
import { serviceTable } from "../render/services.ts";
import { signalTable, stateTable } from "../render/states.ts";

export function addList(program: Commands, context: Context): void {
  program
    .command("list")
    .description("list services, states and signals")
    .option("--json", "print as json")
    .action(async (options: { json?: true }) => {
      const { terminal, style } = context;
      const listing = await context.withDaemon((client) => client.call("system.list", {}));
      if (options.json) {
        await printJson(context, listing);
        return;
      }
      const states = listing.states.filter(worthListing);
      const signals = listing.signals.filter(worthListing);
      const tables = [
        listing.services.length > 0 ? serviceTable(listing.services, style, terminal.now(), terminal.columns) : [],
        states.length > 0 ? stateTable(states, style, terminal.columns) : [],
        signals.length > 0 ? signalTable(signals, terminal.columns) : [],
      ].filter((table) => table.length > 0);
      await printLines(
        context,
        tables.flatMap((table, i) => (i === 0 ? table : ["", ...table])),
      );
    });
}
