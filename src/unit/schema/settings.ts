import * as z from "zod";
import { table, word } from "./build.ts";
import { command } from "./command.ts";
import { restart } from "./restart.ts";
import { duration, environment, filledText, milliseconds } from "./values.ts";

export const settings = table({
  restart: restart.optional().describe("Gives the fields that the restart policies of services leave out."),
  env: environment.optional().describe("Environment of every service, below what the service itself says."),
  "shutdown-timeout": duration.prefault("30s").describe("How long stopping everything may take; then it is killed."),
  "shutdown-timeout-ms": milliseconds.optional().describe("shutdown-timeout in milliseconds."),
  startup: command.optional().describe("Command that runs before anything starts; where it fails nothing does."),
  logging: table({
    enable: z.boolean({ error: "true or false" }).prefault(true).describe("false: no such files."),
    dir: filledText.prefault("nimi_logs").describe("Folder below which each run makes a folder of its own."),
  })
    .optional()
    .describe("Writes the output of each service to a file, DIR/logs-N/GROUP@ITEM.txt."),
  "on-empty": word(["shell", "wait", "exit"])
    .optional()
    .describe('What is done where no service is declared; default: "exit", as PID 1 on a terminal "shell", of rind init "wait".'),
  path: filledText.optional().describe("PATH of services that set none themselves; default: that of Rind itself."),
});

export type RawSettings = z.output<typeof settings>;
