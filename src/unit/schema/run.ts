import * as z from "zod";
import { list, notYet, oneOfKeys, table } from "./build.ts";
import { environment, filledText, killSignal, reference, text } from "./values.ts";

const runTable = oneOfKeys(
  table({
    exec: filledText.optional().describe("Program, looked up in the service's PATH; no shell."),
    shell: filledText.optional().describe("Code for sh -c."),
    variable: reference.optional().describe("A variable whose value is the table, list or text to run."),
    args: list(text, "texts").optional().describe("Arguments."),
    env: environment.optional().describe("Environment variables."),
    "env-file": z
      .union([filledText, list(filledText, "paths")], { error: "a path or a list of paths" })
      .optional()
      .describe("Files with KEY=VALUE lines, read at each start; the later wins."),
    cwd: filledText.optional().describe("Working folder; default: the project folder."),
    stdin: filledText.optional().describe("File to read as standard input; default: /dev/null."),
    reload: z
      .union([killSignal, filledText, list(text, "texts").min(1, { error: "a list with at least the program" })], {
        error: "a signal, a command or a list of words",
      })
      .optional()
      .describe("What reloads it: a signal, or a command."),
    user: notYet("User to run as."),
    group: notYet("Group to run as."),
    umask: notYet("File mode creation mask."),
    nice: notYet("Niceness."),
    "oom-score-adj": notYet("Inclination of the kernel to kill it when memory is short."),
    rlimits: notYet("Resource limits."),
    tty: notYet("Terminal to run on."),
  }),
  ["exec", "shell", "variable"],
  0,
);

/** `run`: words as in a shell, a list of words, or a table. */
export const run = z.union([filledText, list(text, "texts").min(1, { error: "a list with at least the program" }), runTable], {
  error: 'a command, a list of words or a table such as { exec = "/usr/bin/api" }',
});

export type RawRun = z.output<typeof run>;
export type RawRunTable = z.output<typeof runTable>;
