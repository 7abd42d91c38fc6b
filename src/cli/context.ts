import type { ControlClient } from "../control/client.ts";
import type { Terminal } from "./terminal.ts";
import { harmless } from "./render/harmless.ts";
import type { Style } from "./render/style.ts";

/** What every command is given. */
export interface Context {
  readonly terminal: Terminal;
  readonly style: Style;
  /** The value of `--socket`. */
  socketOption(): string | undefined;
  /** Runs `use` with a connection to the daemon and closes it afterwards. `seeker`: for whom it is looked for; default: the terminal. */
  withDaemon<T>(use: (client: ControlClient) => Promise<T>, seeker?: Pick<Terminal, "env" | "cwd" | "uid">): Promise<T>;
  /** Makes the program end with `code` although nothing was thrown. */
  exitWith(code: number): void;
}

export async function printJson(context: Context, value: unknown): Promise<void> {
  await context.terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}

/** Prints each line with its end; nothing for no lines. What goes elsewhere than to a terminal goes there as it is. */
export async function printLines({ terminal }: Context, lines: readonly string[]): Promise<void> {
  const text = lines.join("\n");
  if (lines.length > 0) await terminal.out(`${Number.isFinite(terminal.columns) ? harmless(text) : text}\n`);
}
