import { homedir } from "node:os";
import { SYSTEM_SOCKET } from "../control/find-socket.ts";
import { projectSocket } from "../control/projects.ts";
import { refuseSecond } from "../control/daemon-pid.ts";
import { ExitCode } from "../errors/exit-code.ts";
import { RindError } from "../errors/rind-error.ts";
import { systemClock } from "../lib/clock.ts";
import { bootId } from "../lib/proc.ts";
import { letHeapGrow } from "../lib/small-heap.ts";
import { createDaemonLog, type DaemonLog } from "../log/daemon-log.ts";
import { LogRing } from "../log/log-ring.ts";
import { openOutlets } from "../log/outlet.ts";
import { NotStoredError } from "../persist/not-stored-error.ts";
import { openStore } from "../persist/open-store.ts";
import { clearStaged } from "../persist/staged-file.ts";
import { baseEnvironment } from "../process/base-environment.ts";
import { processStart } from "../process/start-times.ts";
import { DEFAULT_PATH } from "../process/find-program.ts";
import { systemLauncher } from "../process/system-launcher.ts";
import { groundEnv } from "../supervisor/launch-plan.ts";
import { Supervisor } from "../supervisor/supervisor.ts";
import { builtInUnits } from "../unit/built-in-units.ts";
import { projectOf } from "../unit/project.ts";
import { beforeServices } from "./before-services.ts";
import type { DaemonOptions, LifeOptions } from "./daemon-options.ts";
import { endWhatIsLeft, forgetRuns } from "./earlier-runs.ts";
import { keepAlive } from "./keep-alive.ts";
import { MachineSide } from "./machine-side.ts";
import { OpenOutputs } from "./open-outputs.ts";
import { endOrphans, takeOrphans } from "./orphans.ts";
import { serve } from "./serve.ts";
import { defaultStatePath } from "./state-path.ts";
import { INIT_SIGNALS, Stopper, UP_SIGNALS } from "./stopper.ts";
import { SystemLink } from "./system-link.ts";
import { servicesPath, UnitFiles } from "./unit-files.ts";
import { UnitReader } from "./unit-reader.ts";

/** How long a terminal that takes nothing is waited for at the end. */
const LAST_WORDS_MS = 1_000;
const MANY_SERVICES = 250;

/** The whole life of a daemon, from reading its units to its orderly end. Answers the exit code; writes what went wrong to stderr. */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  const init = options.machine === undefined ? undefined : await MachineSide.prepare(options.machine);
  const pretty = options.foreground && process.stderr.isTTY === true;
  const outlets = openOutlets();
  init?.sayTo(outlets.stderr);
  // a console is for what people have to know
  const log = await createDaemonLog({ pretty, level: options.quiet || init !== undefined ? "warn" : "info", to: outlets.stderr });
  const uninstall = keepAlive(log);
  const stopper = new Stopper();
  const unlisten = stopper.listenToSignals(log, init === undefined ? UP_SIGNALS : INIT_SIGNALS);
  try {
    const exitCode = await lifeToItsEnd({ ...options, outlets, init }, log, stopper);
    return init === undefined ? exitCode : await init.end(exitCode, stopper);
  } finally {
    unlisten();
    uninstall();
    await Promise.all([outlets.stdout.close(LAST_WORDS_MS), outlets.stderr.close(LAST_WORDS_MS)]);
  }
}

async function lifeToItsEnd(options: LifeOptions, log: DaemonLog, stopper: Stopper): Promise<number> {
  try {
    return await life(options, log, stopper);
  } catch (error) {
    if (!(error instanceof RindError)) throw error;
    options.outlets.stderr.write(`rind: ${error.message}${error.hint === "" ? "" : ` (${error.hint})`}\n`);
    return error.exitCode;
  }
}

async function life(options: LifeOptions, log: DaemonLog, stopper: Stopper): Promise<number> {
  if (options.system === undefined) return lifeWith(undefined, options, log, stopper);
  const link = await SystemLink.open(options.system, stopper.asked);
  try {
    return await lifeWith(link, options, log, stopper);
  } finally {
    link.close();
  }
}

async function lifeWith(link: SystemLink | undefined, options: LifeOptions, log: DaemonLog, stopper: Stopper): Promise<number> {
  const { init } = options;
  const { env } = process;
  const cwd = process.cwd();
  // what a user has for the whole session belongs to the home, and not to the folder of the units
  const project = init !== undefined ? "/" : link !== undefined ? homedir() : projectOf(options.units, cwd, env).folder;
  const statePath = options.statePath ?? env["RIND_STATE_PATH"] ?? defaultStatePath(project);
  const servicesFolder = servicesPath(statePath, env, cwd);
  const uid = process.getuid?.() ?? 0;
  const socket = options.socket ?? env["RIND_SOCKET"] ?? projectSocket(project, env, uid);
  const isSystem = uid === 0 && socket === SYSTEM_SOCKET;
  const builtIn = isSystem ? builtInUnits(options.self) : undefined;
  const { units: path, strict } = options;
  const files = new UnitFiles({ path, project, strict, env, cwd, servicesFolder, builtIn }, link?.imports);
  const leaveOut = init !== undefined || link !== undefined;
  const reader = new UnitReader({ files, services: options.services, builtIn, leaveOut, stderr: options.outlets.stderr });
  let found = await reader.read();
  if (found === undefined) return ExitCode.badUnits;
  if (found.units.services.length >= MANY_SERVICES) letHeapGrow();

  await refuseSecond(socket);

  takeOrphans(statePath, log);
  const launcher = new OpenOutputs(systemLauncher());
  const baseEnv = init === undefined ? baseEnvironment(env) : { PATH: DEFAULT_PATH };
  const before = await beforeServices(
    { ...found.units, services: reader.written(found.units) },
    {
      launcher,
      env: groundEnv(baseEnv, found.units.settings),
      cwd: project,
      stopper,
      quiet: options.quiet,
      outlets: options.outlets,
      stays: link !== undefined || init !== undefined,
    },
  );
  if (before !== "go on") return init === undefined ? before : ExitCode.done;
  if (init !== undefined && found.units.mounts.length > 0) {
    await init.mount(found.units);
    // the services that clients have set may lie on one of them
    found = (await reader.read()) ?? found;
  }
  const { units, program, leftOut } = found;
  init?.sayLeftOut(leftOut);
  // who named a place wants it to be used; a machine has to come up in any case
  const needed = init === undefined && (options.statePath ?? env["RIND_STATE_PATH"]) !== undefined;
  const { store, warnings } = await openStore(statePath, { log, now: () => Date.now(), needed });
  try {
    for (const warning of warnings) log.warn({ path: statePath }, warning);
    clearStaged(servicesFolder);
    await endWhatIsLeft(store, log);
    const ring = new LogRing(() => Date.now());
    const supervisor = new Supervisor({
      units,
      program,
      clock: systemClock,
      launcher,
      store,
      ring,
      log,
      bootId: bootId(),
      pidStart: processStart,
      env,
      baseEnv,
      project,
      socket,
      ...(link === undefined ? {} : { mirrored: link.mirrored }),
    });
    const exitCode = await serve(supervisor, { options, statePath, socket, cwd, uid, files, stopper, launcher, isSystem, link, leftOut });
    await endOrphans(log);
    forgetRuns(store);
    return exitCode;
  } finally {
    // what the disk refuses has been logged, and does not make the end a bad one
    await store.close().catch(ignoreNotStored);
  }
}

function ignoreNotStored(error: unknown): void {
  if (!(error instanceof NotStoredError)) throw error;
}
