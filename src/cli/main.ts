import { RindError } from "../errors/rind-error.ts";
import { DirectClient } from "./direct-client.ts";
import { ownCommand } from "./own-command.ts";
import { QUESTIONS, runPlainly } from "./plain-cli.ts";
import { processTerminal } from "./terminal.ts";

/** Carries out a command line; the exit code. What most calls need is here; the rest of the program is a bundle of its own. */
export async function run(words: readonly string[]): Promise<number> {
  // What PID 1 ends with is the end of the machine: before any of the words is judged.
  if (process.pid === 1 && words[0] === "init") return becomeInit(words);
  const code = await runPlainly(words, { commands: QUESTIONS, terminal: processTerminal(), connect: (socket) => new DirectClient(socket) });
  if (code !== undefined) return code;
  // Shares nothing with this bundle but the words: the classes of one are not those of the other.
  const full = await import("./full-cli.ts");
  return full.run(words);
}

async function becomeInit(words: readonly string[]): Promise<number> {
  try {
    const { handOver } = await import("../init/hand-over.ts");
    return handOver([...ownCommand(), ...words], process.env);
  } catch (error) {
    const hint = error instanceof RindError ? ` (${error.hint})` : "";
    process.stderr.write(`rind: ${error instanceof Error ? error.message : String(error)}${hint}\n`);
    return 1;
  }
}
