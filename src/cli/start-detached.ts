import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { connectControl } from "../control/client.ts";
import { NoDaemonError } from "../control/errors.ts";
import { projectSocket } from "../control/projects.ts";
import { daemonPid, refuseSecond } from "../control/daemon-pid.ts";
import { makeRuntimeFolder, runtimeFolder } from "../control/runtime-folder.ts";
import { ExitCode } from "../errors/exit-code.ts";
import { formatDuration } from "../lib/duration.ts";
import { projectOf } from "../unit/project.ts";
import { awaitReady, unready } from "./await-ready.ts";
import { type Context, printLines } from "./context.ts";

const FIRST_LOOK_MS = 10;
const LOOK_MS = 100;

interface DetachedOptions {
  readonly units: readonly string[];
  readonly services: readonly string[];
  readonly socket: string | undefined;
  readonly statePath: string | undefined;
  readonly system: string | undefined;
  readonly quiet: boolean;
  readonly strict: boolean;
  /** Returns only when all that is to run is ready: 1 where something has failed, or the time is over. */
  readonly wait: { readonly timeoutMs: number | undefined } | undefined;
}

/**
 * Starts this program anew in a session of its own, and returns when that answers on its socket; where it ends before, what
 * it printed is shown, and its exit code returned: 0 where there was nothing to run, or all of it has ended well already. What it prints
 * goes to a file in the runtime folder.
 */
export async function startDetached(context: Context, options: DetachedOptions): Promise<number> {
  const { terminal } = context;
  const { env, uid, self, cwd } = terminal;
  const socket = options.socket ?? projectSocket(projectOf(options.units, cwd, env).folder, env, uid);
  await refuseSecond(socket);

  const folder = runtimeFolder(env, uid);
  makeRuntimeFolder(folder, uid);
  const logPath = join(folder, `${basename(socket, ".sock")}.log`);
  const log = openSync(logPath, "w", 0o600);
  const [program = "", ...args] = self;
  const child = spawn(program, [...args, "up", ...daemonWords({ ...options, socket })], {
    detached: true,
    stdio: ["ignore", log, log],
    cwd,
    env,
  });
  closeSync(log);
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? ExitCode.failed));
  });

  const run: DetachedRun = { socket, logPath, ended, timeoutMs: options.wait?.timeoutMs };
  const deadline = startDeadline(run.timeoutMs);
  try {
    const over = Promise.race([ended, deadline.late.then(() => ExitCode.failed)]);
    const outcome = await Promise.race([ended, answers(socket, child.pid, over), deadline.late]);
    if (outcome === "late") {
      terminal.err(`rind: the daemon does not answer after ${formatDuration(run.timeoutMs ?? 0)} (log ${logPath})\n`);
      return ExitCode.failed;
    }
    if (outcome !== "answers") return await overAlready(context, run, outcome, options.wait !== undefined);
    await printLines(context, [`rind runs: pid ${child.pid}, socket ${socket}, log ${logPath}`]);
    return options.wait === undefined ? ExitCode.done : await waitUntilReady(context, run, deadline.late);
  } finally {
    deadline.clear();
    child.unref();
  }
}

interface DetachedRun {
  readonly socket: string;
  readonly logPath: string;
  /** The exit code of the daemon. */
  readonly ended: Promise<number>;
  readonly timeoutMs: number | undefined;
}

function startDeadline(timeoutMs: number | undefined): { readonly late: Promise<"late">; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    if (timeoutMs !== undefined) timer = setTimeout(() => resolve("late"), timeoutMs);
  });
  return { late, clear: () => clearTimeout(timer) };
}

/** The exit code of `--wait`; says what is not ready, or that all is. */
async function waitUntilReady(context: Context, run: DetachedRun, late: Promise<"late">): Promise<number> {
  const { terminal } = context;
  try {
    const { socket, timeoutMs } = run;
    const client = await connectControl(socket);
    try {
      const outcome = await Promise.race([awaitReady(client), late]);
      const rows = outcome === "late" ? await client.call("service.list", {}) : outcome;
      const lacking = unready(rows);
      if (outcome !== "late" && lacking.length === 0) {
        await printLines(context, ["all services ready"]);
        return ExitCode.done;
      }
      const what =
        outcome === "late" ? `not all services are ready after ${formatDuration(timeoutMs ?? 0)}` : "not all services can become ready";
      terminal.err([`rind: ${what}`, ...lacking, ""].join("\n"));
      return ExitCode.failed;
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof NoDaemonError)) throw error;
    return overAlready(context, run, await run.ended, true);
  }
}

/** The run was over before it could be looked at: what it printed says why. */
async function overAlready(context: Context, { logPath }: DetachedRun, exitCode: number, waits: boolean): Promise<number> {
  context.terminal.err(readFileSync(logPath, "utf8"));
  if (exitCode === ExitCode.done) await printLines(context, ["rind has ended: there is nothing left to run"]);
  // whoever waits for readiness asks whether it came; a refusal of Rind's own (bad units, an unknown name) goes through
  const isOwn = Object.values<number>(ExitCode).includes(exitCode);
  return waits && !isOwn ? ExitCode.failed : exitCode;
}

/** Resolves when the daemon with this pid answers; looks no more when it has ended or is too late. */
async function answers(socket: string, pid: number | undefined, ended: Promise<number>): Promise<"answers" | number> {
  let over: number | undefined;
  void ended.then(
    (code) => {
      over = code;
    },
    () => {
      over = ExitCode.failed;
    },
  );
  for (let wait = FIRST_LOOK_MS; over === undefined; wait = Math.min(wait * 2, LOOK_MS)) {
    if ((await daemonPid(socket)) === pid) return "answers";
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  return over;
}

function daemonWords(options: DetachedOptions): string[] {
  return [
    options.units.join(":"),
    ...options.services,
    "--background",
    ...(options.socket === undefined ? [] : ["--socket", options.socket]),
    ...(options.statePath === undefined ? [] : ["--state", options.statePath]),
    ...(options.system === undefined ? [] : ["--system", options.system]),
    ...(options.quiet ? ["--quiet"] : []),
    ...(options.strict ? ["--strict"] : []),
  ];
}
