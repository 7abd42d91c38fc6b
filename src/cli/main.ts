import { RindError } from "../errors/rind-error.ts";
import { DirectClient } from "./direct-client.ts";
import { ownCommand } from "./own-command.ts";
import { QUESTIONS, runPlainly } from "./plain-cli.ts";
import { processTerminal } from "./terminal.ts";

const words = process.argv.slice(2);

/** What most calls need is here; the rest of the program is a bundle of its own. */
async function runCommand(): Promise<number> {
  const code = await runPlainly(words, { commands: QUESTIONS, terminal: processTerminal(), connect: (socket) => new DirectClient(socket) });
  if (code !== undefined) return code;
  // Shares nothing with this bundle but the words: the classes of one are not those of the other.
  const { runFully } = await import("./full-cli.ts");
  return runFully(words);
}

/** What PID 1 ends with is the end of the machine: before any of the words is judged. */
async function becomeInit(): Promise<number> {
  try {
    const { handOver } = await import("../init/hand-over.ts");
    return handOver([...ownCommand(), ...words], process.env);
  } catch (error) {
    const hint = error instanceof RindError ? ` (${error.hint})` : "";
    process.stderr.write(`rind: ${error instanceof Error ? error.message : String(error)}${hint}\n`);
    return 1;
  }
}

// No await at the top: a bundle is a function of its own.
void (process.pid === 1 && words[0] === "init" ? becomeInit() : runCommand()).then((code) => {
  process.exitCode = code;
});
