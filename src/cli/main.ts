#!/usr/bin/env node
import { RindError } from "../errors/rind-error.ts";
import { handOver } from "../init/hand-over.ts";
import { ownCommand } from "./own-command.ts";

const words = process.argv.slice(2);

async function runCommand(): Promise<number> {
  const [{ runCli }, { processTerminal }] = await Promise.all([import("./program.ts"), import("./terminal.ts")]);
  return runCli(words, processTerminal());
}

/** What PID 1 ends with is the end of the machine: before any of the words is judged. */
function becomeInit(): number {
  try {
    return handOver([...ownCommand(), ...words], process.env);
  } catch (error) {
    const hint = error instanceof RindError ? ` (${error.hint})` : "";
    process.stderr.write(`rind: ${error instanceof Error ? error.message : String(error)}${hint}\n`);
    return 1;
  }
}

if (process.pid === 1 && words[0] === "init") {
  process.exitCode = becomeInit();
} else {
  // No await at the top: the single executable is no ES module.
  void runCommand().then((code) => {
    process.exitCode = code;
  });
}
