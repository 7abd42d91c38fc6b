import { homedir } from "node:os";
import { SYSTEM_SOCKET } from "../control/find-socket.ts";
import { projectSocket } from "../control/projects.ts";
import { refuseSecond } from "../control/daemon-pid.ts";
import { runtimeFolder } from "../control/runtime-folder.ts";
import { ExitCode } from "../errors/exit-code.ts";
import { RindError } from "../errors/rind-error.ts";
import type { Machine } from "../init/machine.ts";
import { systemClock } from "../lib/clock.ts";
import { bootId } from "../lib/proc.ts";
import { createDaemonLog, type DaemonLog } from "../log/daemon-log.ts";
import { LogRing } from "../log/log-ring.ts";
import { type Outlets, openOutlets } from "../log/outlet.ts";
import { NotStoredError } from "../persist/not-stored-error.ts";
import { openStore } from "../persist/open-store.ts";
import { clearStaged } from "../persist/staged-file.ts";
import { AccountIds } from "../process/account-ids.ts";
import { baseEnvironment } from "../process/base-environment.ts";
import { processStart } from "../process/end-leftovers.ts";
import { DEFAULT_PATH } from "../process/find-program.ts";
import { peerCredentials } from "../process/peer-credentials.ts";
import { systemLauncher } from "../process/system-launcher.ts";
import { Turns } from "../lib/turns.ts";
import { CallerRights } from "../supervisor/caller-rights.ts";
import { SupervisorApi } from "../supervisor/control-api.ts";
import { degrade } from "../supervisor/degraded.ts";
import { groundEnv } from "../supervisor/launch-plan.ts";
import { shutDown } from "../supervisor/shutdown.ts";
import { stored } from "../supervisor/stored.ts";
import { Supervisor } from "../supervisor/supervisor.ts";
import { builtInUnits } from "../unit/built-in-units.ts";
import type { LeftOut } from "../unit/leave-out.ts";
import { projectOf } from "../unit/project.ts";
import { announce } from "./announce.ts";
import { beforeServices } from "./before-services.ts";
import { isReadOnly, serveIfPossible } from "./control-socket.ts";
import { followCourse } from "./course.ts";
import { DenialLog } from "./denial-log.ts";
import { followMachine } from "./follow-machine.ts";
import { endWhatIsLeft, forgetRuns } from "./earlier-runs.ts";
import { keepAlive } from "./keep-alive.ts";
import { MachineSide } from "./machine-side.ts";
import { LeftOutNotes } from "./left-out.ts";
import type { NarratedLine } from "./narrator.ts";
import { NetworkSide } from "./network-side.ts";
import { OpenOutputs } from "./open-outputs.ts";
import { printServiceOutput } from "./service-output.ts";
import { endOrphans, takeOrphans } from "./orphans.ts";
import { defaultStatePath } from "./state-path.ts";
import { shareSocket } from "./socket-access.ts";
import { INIT_SIGNALS, Stopper, UP_SIGNALS } from "./stopper.ts";
import { type HasOneOf, SubscriberSockets } from "./subscriber-sockets.ts";
import { SystemLink } from "./system-link.ts";
import { servicesPath, UnitFiles } from "./unit-files.ts";
import { UnitReader } from "./unit-reader.ts";
import { waysToEnd } from "./ways-to-end.ts";
import { version } from "../lib/version.ts";

export interface DaemonOptions {
  /** Unit folders, the later wins. */
  readonly units: readonly string[];
  /** Names of services, full or bare: only these and what they pull in start. Empty: all. */
  readonly services: readonly string[];
  /** Path of the control socket; undefined: that of the project. */
  readonly socket: string | undefined;
  /** Path of the control socket of the system's daemon, where this is the daemon of a user; undefined: this daemon is nobody's. */
  readonly system: string | undefined;
  /** The program and its first arguments, so that it can start itself anew. */
  readonly self: readonly string[];
  /** Path of the state file; undefined: `RIND_STATE_PATH`, else that of the project. */
  readonly statePath: string | undefined;
  /** No output of services, no narration, and warnings only. */
  readonly quiet: boolean;
  /** Warnings about units count as errors. */
  readonly strict: boolean;
  /** Services' output goes to stdout and stderr, and what becomes of them in the words of `narration` in place of the log. */
  readonly foreground: boolean;
  readonly narration: (line: NarratedLine) => string;
  /** Ends with 1 where a service fails before all are ready, or the time is over; undefined: waits for nothing. */
  readonly wait: { readonly timeoutMs: number | undefined } | undefined;
  /** What it is the init of; undefined: it is none. */
  readonly machine: Machine | undefined;
}

/** How long the output of processes that are gone may be on its way. */
const OUTPUT_TIMEOUT_MS = 500;
/** How long a terminal that takes nothing is waited for at the end. */
const LAST_WORDS_MS = 1_000;

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

type LifeOptions = DaemonOptions & { readonly outlets: Outlets; readonly init: MachineSide | undefined };

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
    await clearStaged(servicesFolder);
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

interface Serving {
  readonly options: LifeOptions;
  readonly statePath: string;
  readonly socket: string;
  readonly cwd: string;
  readonly uid: number;
  readonly files: UnitFiles;
  readonly stopper: Stopper;
  readonly launcher: OpenOutputs;
  /** It is the daemon of the system, to which those of users are linked. */
  readonly isSystem: boolean;
  /** To the system's daemon, where this is the daemon of a user. */
  readonly link: SystemLink | undefined;
  /** What the units lack because of errors. */
  readonly leftOut: readonly LeftOut[];
}

/** From the boot to the end of the last service; answers the exit code. The socket is there first, so that what boot starts can use it. */
async function serve(supervisor: Supervisor, serving: Serving): Promise<number> {
  const { init } = serving.options;
  const { options, statePath, socket, cwd, uid, files, stopper, launcher, isSystem, link, leftOut } = serving;
  const { env } = process;
  const { log, ring, project } = supervisor;
  const accounts = new AccountIds();
  const denials = new DenialLog(log, supervisor.clock);
  const hasOneOf: HasOneOf = (peer, rights) => new CallerRights(supervisor, peer, accounts).has(rights);
  const sockets = new SubscriberSockets(supervisor, hasOneOf, denials);
  const unitChanges = new Turns();
  const side = {
    version,
    unitFolders: options.units,
    statePath,
    env,
    units: files,
    accounts,
    ...waysToEnd(stopper, init !== undefined, log),
  };
  const api = new SupervisorApi(supervisor, side, { unitChanges });
  const onFault = (error: unknown): void => log.error({ err: error }, "a fault in the control socket");
  const { server, lack } = await serveIfPossible(
    {
      path: socket,
      api,
      onFault,
      callerOf: peerCredentials,
      runtimeFolder: runtimeFolder(env, uid),
      onDenied: ({ caller: { uid, pid }, method, item }) =>
        denials.tell({ uid, pid, method, ...(item === undefined ? {} : { name: item }) }),
    },
    // a container has to run, whatever its image lacks
    (error) => init === undefined && ((options.socket ?? env["RIND_SOCKET"]) !== undefined || !(isReadOnly(error) || process.pid === 1)),
  );
  try {
    if (lack !== undefined) log.error({ path: socket }, `nobody can reach this daemon: ${lack}`);
    const share = (): void => shareSocket(server, supervisor.index.units, isSystem || init !== undefined, log);
    share();
    const notes = new LeftOutNotes();
    files.onChange(async (lacking) => {
      share();
      await sockets.sync();
      await notes.tell(supervisor, lacking);
      await network.unitsChanged(api);
      return (await init?.unitsChanged(supervisor)) ?? [];
    });
    const network = new NetworkSide(supervisor);
    const course = followCourse(supervisor, {
      stopper,
      narrate: options.foreground && !options.quiet ? narrator(supervisor, options) : undefined,
      wait: options.wait,
      stays: link !== undefined || init !== undefined,
    });
    if (stopper.asked.aborted) {
      await server.close();
      return ExitCode.done;
    }
    stopper.stopBy((forced) => shutDown(supervisor, forced));
    const hangUp = init === undefined ? undefined : followMachine(init, supervisor, { api, stopper });
    // no client is heard between the two: boot runs in the turn in which the socket began to listen
    const booted = supervisor.boot();
    // that of a user is found by its socket, which is where everybody looks: it is in nobody's way to a project
    const withdraw =
      link === undefined && init === undefined && lack === undefined
        ? announce({ socket, project, cwd, pid: process.pid }, uid, log)
        : (): void => {};
    const endOutput =
      options.foreground && !options.quiet && init === undefined ? printServiceOutput(ring, options.outlets) : (): void => {};
    try {
      await booted;
      network.unitsChanged(api).catch((err: unknown) => log.error({ err }, "the network could not be set up"));
      // where the disk refuses, rind@degraded says so from the beginning
      void stored(supervisor).catch(() => {});
      await init?.tell(supervisor);
      await notes.tell(supervisor, leftOut);
      if (lack !== undefined) await degrade(supervisor, "control-socket", lack, "there is no control socket");
      init?.say("up");
      await sockets.sync();
      log.info({ pid: process.pid, socket, project }, "rind is up");
      course.booted();
      link
        ?.follow(supervisor, { units: files, unitChanges })
        .catch((err: unknown) => log.error({ err }, "the link to the system's daemon has failed"));
      await stopper.stopped;
      return course.exitCode();
    } finally {
      hangUp?.();
      network.close();
      course.close();
      sockets.close();
      withdraw();
      await server.close();
      supervisor.outputs.takeLastBytes();
      await launcher.whenEnded(OUTPUT_TIMEOUT_MS);
      await supervisor.outputs.close();
      await supervisor.userFolders.settled();
      endOutput();
      log.info({ pid: process.pid }, "rind is down");
    }
  } finally {
    // also after a fault before the boot: a socket that is served would keep a process alive that does nothing
    await server.close();
  }
}

/** Who tells people what becomes of services. A console is also there to work at: it hears all of boot and of the end, between these what is bad. */
function narrator({ demands }: Supervisor, { outlets, narration, init }: LifeOptions): (line: NarratedLine) => void {
  let isUp = false;
  return (line) => {
    if (init !== undefined && isUp && line.mood !== "bad" && !demands.refusing) return;
    outlets.stderr.write(`${narration(line)}\n`);
    // what is said of all of it is said once
    isUp ||= line.instance === undefined;
  };
}
