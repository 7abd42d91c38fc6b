import * as z from "zod";
import { list, oneOfKeys, table } from "./build.ts";
import { account, niceness, oomScoreAdj, rlimits, umask } from "./process.ts";
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
    cwd: filledText.optional().describe("Working folder; default: the project folder, or the home of its user where it has one."),
    stdin: filledText.optional().describe("File to read as standard input; default: /dev/null."),
    reload: z
      .union([killSignal, filledText, list(text, "texts").min(1, { error: "a list with at least the program" })], {
        error: "a signal, a command or a list of words",
      })
      .optional()
      .describe("What reloads it: a signal, or a command."),
    user: account("user").optional().describe("User to run as, by name or number; default: as space says, else that of Rind itself."),
    group: account("group").optional().describe("Group to run as, by name or number; default: the user's own."),
    umask: umask.optional().describe('File mode creation mask: octal text ("022") or a number (0o022).'),
    nice: niceness.optional().describe("Niceness, from -20 (goes first) to 19."),
    "oom-score-adj": oomScoreAdj
      .optional()
      .describe("Inclination of the kernel to kill it when memory is short, from -1000 (never) to 1000."),
    rlimits: rlimits.optional().describe("Resource limits, as in getrlimit(2): NAME = LIMIT, NAME = [SOFT, HARD]."),
    tty: filledText.optional().describe("Terminal that it runs on, such as /dev/ttyS0: its input and output, which is not logged then."),
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
