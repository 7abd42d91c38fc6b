import type { Command } from "commander";
import { describePower, POWER_ACTIONS, type PowerAction } from "../../model/power.ts";
import type { Context } from "../context.ts";

/** `rind poweroff`, `rind reboot` and `rind halt`; each returns when the end of the machine has begun, which may be before it can be read. */
export function addPower(program: Command, context: Context): void {
  for (const action of POWER_ACTIONS) {
    program
      .command(action)
      .description(`${describePower(action)} the machine that rind init runs, when all services are stopped in order`)
      .option("--force", "kill everything at once, in place of stopping it in order")
      .action((options: { readonly force?: true }) => end(context, action, options.force === true));
  }
}

async function end(context: Context, action: PowerAction, force: boolean): Promise<void> {
  await context.withDaemon((client) => client.call("system.power", { action, force }));
}
