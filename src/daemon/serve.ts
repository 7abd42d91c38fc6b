import { ExitCode } from "../errors/exit-code.ts";
import { Closing } from "../lib/closing.ts";
import { keepHeapSmall, letCompilerGo } from "../lib/small-heap.ts";
import { degrade } from "../supervisor/degraded.ts";
import { shutDown } from "../supervisor/shutdown.ts";
import { stored } from "../supervisor/stored.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { announce } from "./announce.ts";
import { type Course, followCourse } from "./course.ts";
import { followMachine } from "./follow-machine.ts";
import { LeftOutNotes } from "./left-out.ts";
import { narrateToPeople } from "./narrate-to-people.ts";
import { NetworkSide } from "./network-side.ts";
import { openControl } from "./open-control.ts";
import { printServiceOutput } from "./service-output.ts";
import type { Serving } from "./serving.ts";

/** When what boot has asked for has been started, as a rule: what runs from then on may be worth optimizing. */
const STARTED_MS = 1_000;
/** When what boot has left in the heap is collected: V8 judges by the last five seconds how much room is to be kept. */
const SETTLED_MS = 8_000;
/** How long the output of processes that are gone may be on its way. */
const OUTPUT_TIMEOUT_MS = 500;

/** From the boot to the end of the last service; answers the exit code. Whatever goes wrong, all that was opened is closed. */
export async function serve(supervisor: Supervisor, serving: Serving): Promise<number> {
  const closing = new Closing();
  try {
    return await serveUntilEnd(supervisor, serving, closing);
  } finally {
    await closing.close();
  }
}

/** The socket is there first, so that what boot starts can use it. */
async function serveUntilEnd(supervisor: Supervisor, serving: Serving, closing: Closing): Promise<number> {
  const { options, socket, files, stopper, link, leftOut } = serving;
  const { init } = options;
  const { log, project } = supervisor;
  closeOutputsWith(closing, supervisor, serving);
  const control = await openControl(supervisor, serving, closing);
  control.share();
  const course = followed(supervisor, serving);
  closing.add(() => course.close());
  if (stopper.asked.aborted) return ExitCode.done;

  const network = new NetworkSide(supervisor);
  closing.add(() => network.close());
  const notes = new LeftOutNotes();
  files.onChange(async (lacking) => {
    control.share();
    await control.syncSubscribers();
    await notes.tell(supervisor, lacking);
    await network.unitsChanged(control.api);
    return (await init?.unitsChanged(supervisor)) ?? [];
  });
  stopper.stopBy((forced) => shutDown(supervisor, forced));
  if (init !== undefined) closing.add(followMachine(init, supervisor, { api: control.api, stopper }));
  // no client is heard between the two: boot runs in the turn in which the socket began to listen
  const booted = supervisor.boot();
  if (control.lack === undefined) announceProject(supervisor, serving, closing);

  await booted;
  network.unitsChanged(control.api).catch((err: unknown) => log.error({ err }, "the network could not be set up"));
  // where the disk refuses, rind@degraded says so from the beginning
  void stored(supervisor).catch(() => {});
  await init?.tell(supervisor);
  await notes.tell(supervisor, leftOut);
  if (control.lack !== undefined) await degrade(supervisor, "control-socket", control.lack, "there is no control socket");
  init?.say("up");
  await control.syncSubscribers();
  log.info({ pid: process.pid, socket, project }, "rind is up");
  course.booted();
  const started = setTimeout(letCompilerGo, STARTED_MS).unref();
  const settled = setTimeout(keepHeapSmall, SETTLED_MS).unref();
  closing.add(() => {
    clearTimeout(started);
    clearTimeout(settled);
  });
  link
    ?.follow(supervisor, { units: files, unitChanges: control.unitChanges })
    .catch((err: unknown) => log.error({ err }, "the link to the system's daemon has failed"));
  await stopper.stopped;
  return course.exitCode();
}

/** Where somebody watches, services' output is printed; at the end, after everything else, what is on its way is waited for. */
function closeOutputsWith(closing: Closing, { outputs, ring, userFolders, log }: Supervisor, { options, launcher }: Serving): void {
  closing.add(() => log.info({ pid: process.pid }, "rind is down"));
  if (options.foreground && !options.quiet && options.init === undefined) closing.add(printServiceOutput(ring, options.outlets));
  closing.add(async () => {
    outputs.takeLastBytes();
    await launcher.whenEnded(OUTPUT_TIMEOUT_MS);
    await outputs.close();
    await userFolders.settled();
  });
}

function followed(supervisor: Supervisor, { options, stopper, link }: Serving): Course {
  return followCourse(supervisor, {
    stopper,
    narrate: options.foreground && !options.quiet ? narrateToPeople(options, supervisor) : undefined,
    wait: options.wait,
    stays: link !== undefined || options.init !== undefined,
  });
}

/** That of a user is found by its socket, which is where everybody looks: it is in nobody's way to a project. */
function announceProject({ project, log }: Supervisor, { options, socket, cwd, uid, link }: Serving, closing: Closing): void {
  if (link === undefined && options.init === undefined) closing.add(announce({ socket, project, cwd, pid: process.pid }, uid, log));
}
