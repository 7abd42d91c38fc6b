import type { Commands } from "../command-words.ts";
import type { Context } from "../context.ts";
import { showServices } from "./control-services.ts";

export function addKill(program: Commands, context: Context): void {
  program
    .command("kill")
    .description("send a signal to the main process of services; no stop: the restart policy says what follows")
    .argument("<names...>", "services, or instances: GROUP@ITEM/KEY")
    .option("-s, --signal <signal>", "by name, with or without SIG, or by number", "SIGTERM")
    .option("--json", "print the services as json")
    .action(async (names: string[], { signal, json }: { signal: string; json?: true }) => {
      const given = /^\d+$/.test(signal) ? Number(signal) : signal;
      const rows = await context.withDaemon((client) => client.call("service.kill", { names, signal: given }));
      await showServices(context, rows, json === undefined ? {} : { json });
    });
}
