import type { ControlClient } from "../control/client.ts";
import { findSocket } from "../control/find-socket.ts";
import { harmless } from "./render/harmless.ts";
import { type Style, styleFor } from "./render/style.ts";
import type { Terminal } from "./terminal.ts";

/** A connection to the daemon, as most commands need it. */
export type DaemonClient = Pick<ControlClient, "call" | "follow" | "close">;

/** Opens a connection to the daemon that serves this socket. It or the first call rejects as `connectControl` does. */
export type Connect<Client = DaemonClient> = (socket: string) => Promise<Client> | Client;

/** What every command is given. */
export interface Context<Client extends DaemonClient = DaemonClient> {
  readonly terminal: Terminal;
  readonly style: Style;
  /** The value of `--socket`. */
  socketOption(): string | undefined;
  /** Runs `use` with a connection to the daemon and closes it afterwards. `seeker`: for whom it is looked for; default: the terminal. */
  withDaemon<T>(use: (client: Client) => Promise<T>, seeker?: Pick<Terminal, "env" | "cwd" | "uid">): Promise<T>;
  /** Makes the program end with `code` although nothing was thrown. */
  exitWith(code: number): void;
}

export function contextFor<Client extends DaemonClient>(
  terminal: Terminal,
  { connect, socketOption, exitWith }: Pick<Context, "socketOption" | "exitWith"> & { readonly connect: Connect<Client> },
): Context<Client> {
  return {
    terminal,
    style: styleFor(terminal),
    socketOption,
    async withDaemon(use, { env, cwd, uid } = terminal) {
      const client = await connect(findSocket({ option: socketOption(), env, cwd, uid }));
      try {
        return await use(client);
      } finally {
        client.close();
      }
    },
    exitWith,
  };
}

export async function printJson(context: Context, value: unknown): Promise<void> {
  await context.terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}

/** Prints each line with its end; nothing for no lines. What goes elsewhere than to a terminal goes there as it is. */
export async function printLines({ terminal }: Context, lines: readonly string[]): Promise<void> {
  const text = lines.join("\n");
  if (lines.length > 0) await terminal.out(`${Number.isFinite(terminal.columns) ? harmless(text) : text}\n`);
}
