import type { ChangeAnswer } from "../../control/api.ts";
import { readFilter } from "../../control/payload-words.ts";
import type { Commands } from "../command-words.ts";
import { type Context, type DaemonClient, printJson, printLines } from "../context.ts";
import { changeLines } from "../render/changes.ts";

/** `emit`, `set` and `unset`: what changes states and signals. */

const PAYLOAD_HELP = "read by the declared type: text as it is, json, or KEY=VALUE words; - reads stdin, less its final line end";

export function addEmit(program: Commands, context: Context): void {
  program
    .command("emit")
    .description("emit a signal")
    .argument("<name>", "the signal")
    .argument("[payload...]", PAYLOAD_HELP)
    .option("--json", "print the answer as json")
    .action((name: string, words: string[], options: { json?: true }) =>
      change(context, options, async (client) => client.call("flow.emit", { name, words: await fromStdin(context, words) })),
    );
}

export function addSet(program: Commands, context: Context): void {
  program
    .command("set")
    .description("set a state, or one branch of it")
    .argument("<name>", "the state")
    .argument("[payload...]", PAYLOAD_HELP)
    .option("--replace", "replace the branch instead of merging into it")
    .option("--json", "print the answer as json")
    .action((name: string, words: string[], options: { json?: true; replace?: true }) =>
      change(context, options, async (client) =>
        client.call("flow.set", { name, words: await fromStdin(context, words), replace: options.replace === true }),
      ),
    );
}

export function addUnset(program: Commands, context: Context): void {
  program
    .command("unset")
    .description("unset a state, or the branches that match")
    .argument("<name>", "the state")
    .argument("[filter...]", "a json object or KEY=VALUE words: branches that have these; other text: payloads equal to it")
    .option("--json", "print the answer as json")
    .action((name: string, words: string[], options: { json?: true }) =>
      change(context, options, async (client) => client.call("flow.unset", { name, filter: readFilter(await fromStdin(context, words)) })),
    );
}

async function change(context: Context, options: { json?: true }, act: (client: DaemonClient) => Promise<ChangeAnswer>): Promise<void> {
  const answer = await context.withDaemon(act);
  if (options.json) await printJson(context, answer);
  else await printLines(context, changeLines(answer, context.style));
}

async function fromStdin(context: Context, words: readonly string[]): Promise<readonly string[]> {
  if (words.length !== 1 || words[0] !== "-") return words;
  const text = await context.terminal.stdin();
  return [text.replace(/\r?\n$/, "")];
}
