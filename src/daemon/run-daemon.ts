import { realpathSync } from "node:fs";
import { reportUnhandledErrors } from "../bus/bus.ts";
import { registerProject, type RunningProject, unregisterProject, projectSocket } from "../control/projects.ts";
import { refuseSecond } from "../control/daemon-pid.ts";
import { serveControl } from "../control/server.ts";
import { ExitCode } from "../errors/exit-code.ts";
import { RindError } from "../errors/rind-error.ts";
import { formatDiagnostic } from "../errors/unit-error.ts";
import { systemClock } from "../lib/clock.ts";
import { bootId } from "../lib/proc.ts";
import { createDaemonLog, type DaemonLog } from "../log/daemon-log.ts";
import { LogRing } from "../log/log-ring.ts";
import { type Outlets, openOutlets } from "../log/outlet.ts";
import { instanceName } from "../model/name.ts";
import { openStore } from "../persist/open-store.ts";
import { clearStaged } from "../persist/staged-file.ts";
import type { Store } from "../persist/store.ts";
import { baseEnvironment } from "../process/base-environment.ts";
import { endLeftovers, processStart } from "../process/end-leftovers.ts";
import { execaLauncher } from "../process/execa-launcher.ts";
import { peerCredentials } from "../process/peer-credentials.ts";
import { SupervisorApi } from "../supervisor/control-api.ts";
import { entriesOf } from "../supervisor/durable.ts";
import { focusUnits, resolveServices } from "../supervisor/focus.ts";
import { groundEnv } from "../supervisor/launch-plan.ts";
import { storedRuns } from "../supervisor/run-records.ts";
import { shutDown } from "../supervisor/shutdown.ts";
import { Supervisor } from "../supervisor/supervisor.ts";
import { projectOf } from "../unit/project.ts";
import { beforeServices } from "./before-services.ts";
import { followCourse } from "./course.ts";
import type { NarratedLine } from "./narrator.ts";
import { OpenOutputs } from "./open-outputs.ts";
import { printServiceOutput } from "./service-output.ts";
import { endOrphans, takeOrphans } from "./orphans.ts";
import { defaultStatePath } from "./state-path.ts";
import { Stopper } from "./stopper.ts";
import { SubscriberSockets } from "./subscriber-sockets.ts";
import { servicesPath, UnitFiles } from "./unit-files.ts";
import { version } from "../lib/version.ts";

export interface DaemonOptions {
  /** Unit folders, the later wins. */
  readonly units: readonly string[];
  /** Names of services, full or bare: only these and what they pull in start. Empty: all. */
  readonly services: readonly string[];
  /** Path of the control socket; undefined: that of the project. */
  readonly socket: string | undefined;
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
}

/** How long what a daemon that died has left behind may take to end before it is killed. */
const LEFTOVER_TIMEOUT_MS = 10_000;
/** How long the output of processes that are gone may be on its way. */
const OUTPUT_TIMEOUT_MS = 500;
/** How long a terminal that takes nothing is waited for at the end. */
const LAST_WORDS_MS = 1_000;

/** The whole life of a daemon, from reading its units to its orderly end. Answers the exit code; writes what went wrong to stderr. */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  const pretty = options.foreground && process.stderr.isTTY === true;
  const outlets = openOutlets();
  const log = await createDaemonLog({ pretty, level: options.quiet ? "warn" : "info", to: outlets.stderr });
  const uninstall = keepAlive(log);
  const stopper = new Stopper();
  const unlisten = stopper.listenToSignals(log);
  try {
    return await life({ ...options, outlets }, log, stopper);
  } catch (error) {
    if (!(error instanceof RindError)) throw error;
    outlets.stderr.write(`rind: ${error.message}${error.hint === "" ? "" : ` (${error.hint})`}\n`);
    return error.exitCode;
  } finally {
    unlisten();
    uninstall();
    await Promise.all([outlets.stdout.close(LAST_WORDS_MS), outlets.stderr.close(LAST_WORDS_MS)]);
  }
}

type LifeOptions = DaemonOptions & { readonly outlets: Outlets };

async function life(options: LifeOptions, log: DaemonLog, stopper: Stopper): Promise<number> {
  const { env } = process;
  const cwd = process.cwd();
  const project = projectOf(options.units, cwd, env).folder;
  const statePath = options.statePath ?? env["RIND_STATE_PATH"] ?? defaultStatePath(project);
  const servicesFolder = servicesPath(statePath, env, cwd);
  const files = new UnitFiles({ path: options.units, strict: options.strict, env, cwd, servicesFolder });
  const { units: all, program, diagnostics, inForce } = await files.load();
  for (const diagnostic of diagnostics) options.outlets.stderr.write(`${diagnostic.severity}: ${formatDiagnostic(diagnostic)}\n`);
  if (all === undefined || program === undefined) return ExitCode.badUnits;
  const focus = resolveServices(options.services, all);
  const units = focusUnits(all, focus);
  await inForce();
  files.focusOn(focus);

  const uid = process.getuid?.() ?? 0;
  const socket = options.socket ?? env["RIND_SOCKET"] ?? projectSocket(project, env, uid);
  await refuseSecond(socket);

  takeOrphans(statePath, log);
  const launcher = new OpenOutputs(execaLauncher);
  const baseEnv = baseEnvironment(env);
  const before = await beforeServices(units, {
    launcher,
    env: groundEnv(baseEnv, units.settings),
    cwd: project,
    stopper,
    quiet: options.quiet,
    outlets: options.outlets,
  });
  if (before !== "go on") return before;
  const { store, warnings } = await openStore(statePath, { log, now: () => Date.now() });
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
    });
    const exitCode = await serve(supervisor, { options, statePath, socket, cwd, uid, files, stopper, launcher });
    await endOrphans(log);
    forgetRuns(store);
    return exitCode;
  } finally {
    await store.close();
  }
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
}

/** From the boot to the end of the last service; answers the exit code. The socket is there first, so that what boot starts can use it. */
async function serve(supervisor: Supervisor, serving: Serving): Promise<number> {
  const { options, statePath, socket, cwd, uid, files, stopper, launcher } = serving;
  const { env } = process;
  const { log, ring, project } = supervisor;
  const sockets = new SubscriberSockets(supervisor);
  files.onChange(() => sockets.sync());
  const api = new SupervisorApi(supervisor, {
    version,
    unitFolders: options.units,
    statePath,
    env,
    units: files,
    down: () => stopper.stop(),
  });
  const onFault = (error: unknown): void => log.error({ err: error }, "a fault in the control socket");
  const server = await serveControl({ path: socket, api, onFault, callerOf: peerCredentials });
  const course = followCourse(supervisor, {
    stopper,
    narrate: options.foreground && !options.quiet ? (line) => options.outlets.stderr.write(`${options.narration(line)}\n`) : undefined,
    wait: options.wait,
  });
  if (stopper.asked.aborted) {
    await server.close();
    return ExitCode.done;
  }
  stopper.stopBy((forced) => shutDown(supervisor, forced));
  // no client is heard between the two: boot runs in the turn in which the socket began to listen
  const booted = supervisor.boot();
  const withdraw = announce({ socket, project, cwd, pid: process.pid }, uid, log);
  const endOutput = options.foreground && !options.quiet ? printServiceOutput(ring, options.outlets) : (): void => {};
  try {
    await booted;
    await sockets.sync();
    log.info({ pid: process.pid, socket, project }, "rind is up");
    course.booted();
    await stopper.stopped;
    return course.exitCode();
  } finally {
    course.close();
    sockets.close();
    withdraw();
    await server.close();
    supervisor.outputs.takeLastBytes();
    await launcher.whenEnded(OUTPUT_TIMEOUT_MS);
    await supervisor.outputs.close();
    endOutput();
    log.info({ pid: process.pid }, "rind is down");
  }
}

/** Makes the daemon known to `rind` in its folder; where that cannot be, its socket has to be named. Returns the way to take it back. */
function announce(self: RunningProject, uid: number, log: DaemonLog): () => void {
  try {
    const running: RunningProject = { ...self, project: realpathSync(self.project), cwd: realpathSync(self.cwd) };
    registerProject(running, process.env, uid);
    return () => unregisterProject(running, process.env, uid);
  } catch (error) {
    log.warn({ err: error, socket: self.socket }, "this daemon cannot be found by its folder: name its socket with --socket");
    return () => {};
  }
}

/** An orderly end is no death: what comes next is a boot. */
function forgetRuns(store: Store): void {
  store.append(["daemon", ...entriesOf(store, "run").map(([instance]) => `run ${instance}`)].map((key) => ({ key, value: undefined })));
}

async function endWhatIsLeft(store: Store, log: DaemonLog): Promise<void> {
  if (store.entries.get("daemon") !== bootId()) return;
  const leftovers = [...storedRuns(store)].flatMap(([service, runs]) =>
    [...runs].flatMap(([key, { process }]) =>
      process === undefined ? [] : [{ instance: instanceName(service, key), pid: process.pid, start: process.pidStart }],
    ),
  );
  for (const { instance, pid } of await endLeftovers(leftovers, LEFTOVER_TIMEOUT_MS)) {
    log.warn({ service: instance, pid }, "a daemon that died had left it running; it was ended");
  }
}

/** After boot nothing that goes wrong in a handler ends the daemon: it is logged, and the rest goes on. */
function keepAlive(log: DaemonLog): () => void {
  const fault = (error: unknown): void => log.error({ err: error }, "a fault in Rind that nobody caught");
  reportUnhandledErrors(fault);
  process.on("uncaughtException", fault);
  process.on("unhandledRejection", fault);
  return () => {
    process.off("uncaughtException", fault);
    process.off("unhandledRejection", fault);
  };
}
