import { connectControl } from "../control/client.ts";
import { addUp } from "./commands/up.ts";
import { runPlainly } from "./plain-cli.ts";
import { processTerminal } from "./terminal.ts";

/** Carries out any command line in the terminal of this process; the exit code. Commander is loaded where more than plain words are to be read. */
export async function run(words: readonly string[]): Promise<number> {
  const terminal = processTerminal();
  const code = await runPlainly(words, { commands: { up: addUp }, terminal, connect: connectControl });
  if (code !== undefined) return code;
  const { runCli } = await import("./program.ts");
  return runCli(words, terminal);
}
