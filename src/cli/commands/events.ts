import type { Command } from "commander";
import type { Fact } from "../../model/fact.ts";
import { type Context, printLines } from "../context.ts";
import { followUntilInterrupt } from "../follow.ts";
import { PHASES_AS_STATE, withoutEchoes } from "../render/echo.ts";
import { factText } from "../render/facts.ts";
import { clockTime } from "../render/time.ts";

export function addEvents(program: Command, context: Context): void {
  program
    .command("events")
    .description("show everything that happens from now on, until Ctrl-C")
    .argument("[names...]", "only what concerns these services, instances, states or signals")
    .option("--json", "print one json text per line")
    .action((names: string[], options: { json?: true }) => {
      const { terminal, style } = context;
      const text = (fact: Fact) =>
        options.json ? JSON.stringify(fact) : `${style.dim(clockTime(fact.time, terminal.now()))}  ${factText(fact, style)}`;
      const shown = (facts: readonly Fact[]) => (options.json || names.includes(PHASES_AS_STATE) ? facts : withoutEchoes(facts));
      const subscription = { method: "event.subscribe", params: { names }, what: "events" } as const;
      return followUntilInterrupt(context, subscription, ({ facts }) => printLines(context, shown(facts).map(text)));
    });
}
