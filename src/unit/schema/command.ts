import * as z from "zod";
import { list, oneOfKeys, table } from "./build.ts";
import { filledText, text } from "./values.ts";

const commandTable = oneOfKeys(
  table({
    exec: filledText.optional().describe("Program, looked up in PATH; no shell."),
    shell: filledText.optional().describe("Code for sh -c."),
    args: list(text, "texts").optional().describe("Arguments."),
  }),
  ["exec", "shell"],
  1,
);

/** A command that is not a service's own `run`: words as in a shell, a list of words, or a table. */
export const command = z.union([filledText, list(text, "texts").min(1, { error: "a list with at least the program" }), commandTable], {
  error: 'a command, a list of words or a table such as { exec = "/usr/bin/api" }',
});

export type RawCommand = z.output<typeof command>;
