import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { projectSocket } from "../control/projects.ts";
import { daemonPid, refuseSecond } from "../control/daemon-pid.ts";
import { makeRuntimeFolder, runtimeFolder } from "../control/runtime-folder.ts";
import { ExitCode } from "../errors/exit-code.ts";
import { projectOf } from "../unit/project.ts";
import { type Context, printLines } from "./context.ts";

const FIRST_LOOK_MS = 10;
const LOOK_MS = 100;

interface DaemonOptions {
  readonly units: readonly string[];
  readonly socket: string | undefined;
  readonly statePath: string | undefined;
  readonly quiet: boolean;
  readonly strict: boolean;
}

/**
 * Starts this program anew in a session of its own, and returns when that answers on its socket; where it ends before, what
 * it printed is shown, and its exit code returned. What it prints goes to a file in the runtime folder.
 */
export async function startDetached(context: Context, options: DaemonOptions): Promise<number> {
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

  const outcome = await Promise.race([ended, answers(socket, child.pid, ended)]);
  if (outcome !== "answers") {
    terminal.err(readFileSync(logPath, "utf8"));
    return outcome === 0 ? ExitCode.failed : outcome;
  }
  child.unref();
  await printLines(context, [`rind runs: pid ${child.pid}, socket ${socket}, log ${logPath}`]);
  return ExitCode.done;
}

/** Resolves when the daemon with this pid answers; looks no more when it has ended. */
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

function daemonWords(options: DaemonOptions): string[] {
  return [
    options.units.join(":"),
    "--background",
    ...(options.socket === undefined ? [] : ["--socket", options.socket]),
    ...(options.statePath === undefined ? [] : ["--state", options.statePath]),
    ...(options.quiet ? ["--quiet"] : []),
    ...(options.strict ? ["--strict"] : []),
  ];
}
