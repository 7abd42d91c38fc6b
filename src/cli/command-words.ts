import type { Command } from "commander";

/**
 * How a command says what words it takes. Two read it: commander, which knows every form and explains it, and `plain-command.ts`, which knows the plain
 * ones and is there at once.
 */
export interface Commands {
  command(name: string): CommandWords;
}

export type Action = OmitThisParameter<Parameters<Command["action"]>[0]>;

/** A part of commander's `Command`. */
export interface CommandWords {
  description(text: string): this;
  /** `form`: `<name>`, `[name]`, `<names...>` or `[names...]`. */
  argument(form: string, description: string): this;
  /** `form`: `-s, --long` or `--long`, followed by ` <value>` where it takes one. `read` throws a `BadWordError`. */
  option(form: string, description: string, otherwise?: string): this;
  option<T>(form: string, description: string, read: (text: string) => T, otherwise?: T): this;
  /** Called with a value for each argument (undefined: not given; a list for the last of `...`), and then the options by name. */
  action(act: Action): this;
}

/** A word that cannot be the value of its option or argument. Commander knows it by its code, and names the option. */
export class BadWordError extends Error {
  readonly code = "commander.invalidArgument";
  readonly exitCode = 1;
}
