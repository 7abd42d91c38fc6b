import { Argument, type Command } from "commander";
import type { Session } from "../../control/api.ts";
import { RindError, UsageError } from "../../errors/rind-error.ts";
import { type Context, type DaemonClient, printJson, printLines } from "../context.ts";

/** A daemon that is stopped or overloaded must not hold up a login for longer. */
const LIMIT_MS = 3_000;

const ACTIONS = ["open", "close"] as const;
type Action = (typeof ACTIONS)[number];

interface Options {
  readonly user?: string;
  readonly tty?: string;
  readonly service?: string;
  readonly host?: string;
  readonly leader?: string;
  readonly id?: string;
  readonly json?: true;
}

const HELP = `
As a session module of PAM (pam_exec) it takes user, terminal, service and host
from PAM, and the session ends with the process that PAM works for:
  session optional pam_exec.so quiet /usr/bin/rind session

It ends after some seconds at most, also where the daemon does not answer. With
"optional" a login goes on whatever its exit code is.

By hand:
  rind session open --user alice --tty tty7
  rind session close --user alice
`;

export function addSession(program: Command, context: Context): void {
  program
    .command("session")
    .description("tell that a user logs in or out (rind@user-session)")
    .addArgument(new Argument("[action]", "default: what PAM says").choices(ACTIONS))
    .option("--user <name>", "the user (else PAM_USER)")
    .option("--tty <tty>", "the terminal (else PAM_TTY)")
    .option("--service <name>", "what lets the user in (else PAM_SERVICE)")
    .option("--host <name>", "where the user comes from (else PAM_RHOST)")
    .option("--leader <pid>", "process with which the session ends (else, under PAM, the one that PAM works for)")
    .option("--id <id>", "id of the session (else made of the others)")
    .option("--json", "print the session as json")
    .addHelpText("after", HELP)
    .action(async (word: Action | undefined, options: Options) => {
      const { env } = context.terminal;
      const action = dueAction(word, env["PAM_TYPE"]);
      if (action === undefined) return;
      const carryOut = action === "open" ? open : close;
      if (env["PAM_TYPE"] === undefined) await context.withDaemon((client) => inTime(client, () => carryOut(context, client, options)));
      else await context.withDaemon((client) => inTime(client, () => carryOut(context, client, withPam(options, env))), SYSTEM);
    });
}

/** undefined: PAM calls for the other one; a module is called for both. */
function dueAction(word: Action | undefined, pamType: string | undefined): Action | undefined {
  if (pamType === undefined) {
    if (word === undefined) throw new UsageError("neither open nor close is given", { hint: "rind session open --user NAME" });
    return word;
  }
  const due = ACTIONS.find((action) => pamType === `${action}_session`);
  if (due === undefined) throw new UsageError(`PAM asks for ${pamType}`, { hint: "put it into a line that begins with: session" });
  return word === undefined || word === due ? due : undefined;
}

/** The environment that PAM hands on is partly the user's, and under su so is the uid: they must not lead root to another daemon. */
const SYSTEM = { env: {}, cwd: "/", uid: 0 };

/** What is given by hand goes before what PAM says. */
function withPam(options: Options, env: NodeJS.ProcessEnv): Options {
  const said = Object.entries({ user: "PAM_USER", tty: "PAM_TTY", service: "PAM_SERVICE", host: "PAM_RHOST" }).flatMap(
    ([key, variable]) => {
      const value = env[variable];
      return value === undefined || value === "" ? [] : [[key, value] as const];
    },
  );
  return { leader: String(process.ppid), ...Object.fromEntries(said), ...options };
}

async function open(context: Context, client: DaemonClient, options: Options): Promise<void> {
  const { user, id } = options;
  if (user === undefined) throw new UsageError("no user is given", { hint: "rind session open --user NAME" });
  const { tty, service, host } = options;
  const opened = await client.call("session.open", { username: user, tty, service, host, leader: leaderOf(options), session_id: id });
  if (options.json) await printJson(context, opened);
  else if (context.terminal.env["PAM_TYPE"] === undefined)
    await printLines(context, [`session ${opened.session_id} of ${opened.username} is open`]);
}

async function close(context: Context, client: DaemonClient, options: Options): Promise<void> {
  const { user: username, id, tty } = options;
  const leader = leaderOf(options);
  // the terminal that PAM names may be another one at the end
  const wanted = id !== undefined ? { session_id: id } : leader !== undefined ? { leader, username } : { username, tty };
  const closed = await client.call("session.close", wanted);
  if (options.json) await printJson(context, closed);
  else if (context.terminal.env["PAM_TYPE"] === undefined) await printLines(context, describeClosed(closed));
}

function describeClosed(closed: readonly Session[]): readonly string[] {
  return closed.length === 0
    ? ["no such session was open"]
    : closed.map(({ session_id, username }) => `session ${session_id} of ${username} is closed`);
}

function leaderOf({ leader }: Options): number | undefined {
  if (leader === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(leader)) throw new UsageError(`"${leader}" is no process`, { hint: "--leader takes a pid" });
  return Number(leader);
}

async function inTime(client: DaemonClient, work: () => Promise<void>): Promise<void> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    client.close();
  }, LIMIT_MS);
  try {
    await work();
  } catch (error) {
    if (!isLate) throw error;
    throw new RindError(`the daemon has not answered within ${LIMIT_MS / 1_000}s`, {
      hint: "it may not know of this session",
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}
