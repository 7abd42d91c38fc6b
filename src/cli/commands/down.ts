import type { Command } from "commander";
import type { ControlClient } from "../../control/client.ts";
import type { Context } from "../context.ts";

/** How long a daemon that has stopped everything may take to be gone. */
const GONE_MS = 10_000;

export function addDown(program: Command, context: Context<ControlClient>): void {
  program
    .command("down")
    .description("stop all services in order, then the daemon")
    .action(() =>
      context.withDaemon(async (client) => {
        await client.call("system.down", {});
        // So that `rind down && rind up` finds the socket free.
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise((resolve) => {
          timer = setTimeout(resolve, GONE_MS);
        });
        await Promise.race([client.closed, late]);
        clearTimeout(timer);
      }),
    );
}
