import { join } from "node:path";
import type { Fact, PhaseFact } from "../model/fact.ts";
import type { NotifySocket } from "../process/notify-socket.ts";
import type { Datagram } from "../process/sys.ts";
import type { InstanceEvent } from "../service/instance-events.ts";
import { parseNotifyMessage } from "../service/notify-message.ts";
import type { Instance, RunningProcess } from "./instance.ts";
import type { InstanceObserver, Instances } from "./instances.ts";
import type { Surroundings } from "./launch-plan.ts";
import { needsNotifySocket } from "./needs-notify-socket.ts";
import { notifyFolder } from "./notify-folder.ts";
import { deafTo } from "./notify-sender.ts";
import type { Prober } from "./prober.ts";
import { RunProbes } from "./run-probes.ts";
import type { RunWatcher } from "./run-watcher.ts";
import type { World } from "./world.ts";

/** What probing needs beside the world. */
export interface ProbingSide {
  readonly prober: Prober;
  readonly instances: () => Instances;
  readonly surroundings: (instance: Instance) => Surroundings;
  /** Path of the control socket: the sockets of the processes lie beside it. */
  readonly socket: string | undefined;
}

const EARLY_MESSAGES = 64;

/**
 * Follows every run (SPEC 6.5), and gives each process that is to say something about itself a socket of its own for that. What is found out goes
 * through the door as a consequence of the run, and to the machine only as long as that run is the one it is about.
 */
export class Probing implements RunWatcher, InstanceObserver {
  readonly #world: World;
  readonly #side: ProbingSide;
  readonly #runs = new Map<Instance, RunProbes>();
  readonly #sockets = new Map<Instance, NotifySocket>();
  readonly #warned = new WeakSet<NotifySocket>();
  /** What processes have said before it was told that they are up. */
  readonly #early = new Map<Instance, Datagram[]>();
  #opened = 0;

  constructor(world: World, side: ProbingSide) {
    this.#world = world;
    this.#side = side;
  }

  /** Throws where it cannot have the socket that it needs. */
  extraEnv(instance: Instance): Readonly<Record<string, string>> {
    const { decl } = instance;
    if (!needsNotifySocket(decl)) return {};
    const { path } = this.#sockets.get(instance) ?? this.#open(instance);
    const { watchdog } = decl;
    return { NOTIFY_SOCKET: path, ...(watchdog === undefined ? {} : { WATCHDOG_USEC: String(Math.round(watchdog.intervalMs * 1_000)) }) };
  }

  pidVariables({ decl }: Instance): readonly string[] {
    return decl.watchdog === undefined ? [] : ["WATCHDOG_PID"];
  }

  began(instance: Instance, run: RunningProcess): void {
    const { decl } = instance;
    if (decl.ready === undefined && decl.health === undefined && decl.watchdog === undefined) return;
    this.#followRun(instance, run);
    const early = this.#early.get(instance) ?? [];
    this.#early.delete(instance);
    for (const message of early) this.#warnOf(message, this.#hear(instance, message), instance);
  }

  lineReader(instance: Instance): ((line: Buffer) => void) | undefined {
    const probes = this.#runs.get(instance);
    return probes?.wantsLines === true ? (line) => probes.printed(line) : undefined;
  }

  ended(instance: Instance, run: RunningProcess | undefined): void {
    const probes = this.#runs.get(instance);
    if (run !== undefined && probes !== undefined && probes.run !== run) return;
    probes?.rest();
    this.#runs.delete(instance);
    this.#sockets.get(instance)?.close();
    this.#sockets.delete(instance);
    this.#early.delete(instance);
  }

  phase(instance: Instance, fact: Fact & PhaseFact): void {
    if (fact.to !== "starting" && fact.to !== "running") this.#runs.get(instance)?.rest();
  }

  /** Its unit was replaced by a reload. */
  redeclared(instance: Instance): void {
    const known = this.#runs.get(instance);
    if (known !== undefined) known.redeclared();
    else if (instance.process !== undefined && (instance.phase === "starting" || instance.phase === "running"))
      this.began(instance, instance.process);
  }

  /** What was seen last of an instance that is not ready yet; undefined: nobody looks. */
  seen(instance: Instance): string | undefined {
    return this.#runs.get(instance)?.seen();
  }

  /** What its process says about itself; null: nothing. */
  statusText(instance: Instance): string | null {
    return this.#runs.get(instance)?.statusText ?? null;
  }

  #followRun(instance: Instance, run: RunningProcess): void {
    const probes: RunProbes = new RunProbes(instance, run, {
      clock: this.#world.clock,
      prober: this.#side.prober,
      canSpeak: this.#sockets.has(instance),
      surroundings: () => this.#side.surroundings(instance),
      tell: (event, what) => this.#tell(instance, run, event, what),
    });
    this.#runs.set(instance, probes);
  }

  #tell(instance: Instance, run: RunningProcess, event: InstanceEvent, what: string): void {
    this.#world.door.submit({
      what,
      causes: () => (instance.runFact === 0 ? [] : [instance.runFact]),
      act: (cause) => {
        if (this.#runs.get(instance)?.run === run) this.#side.instances().send(instance, event, cause);
      },
    });
  }

  #open(instance: Instance): NotifySocket {
    const { socket, prober } = this.#side;
    if (socket === undefined) throw new Error("it cannot have a notify socket: the daemon has no folder for it");
    this.#opened += 1;
    const path = join(notifyFolder(socket, instance.user?.identity), `notify-${process.pid}-${this.#opened}`);
    const opened = prober.openSocket(path, (message) => this.#warnOf(message, this.#hear(instance, message), instance));
    if ("failure" in opened) throw new Error(`it cannot have a notify socket: ${opened.failure}`);
    this.#sockets.set(instance, opened);
    return opened;
  }

  /** Of what one says before it is up more than this is lost. */
  #keep(instance: Instance, message: Datagram): void {
    const early = this.#early.get(instance) ?? [];
    if (early.length < EARLY_MESSAGES) early.push(message);
    this.#early.set(instance, early);
  }

  /** Once for each socket. */
  #warnOf({ pid, uid }: Datagram, deaf: string | undefined, instance: Instance): void {
    const socket = this.#sockets.get(instance);
    if (deaf === undefined || socket === undefined || this.#warned.has(socket)) return;
    this.#warned.add(socket);
    this.#world.log.warn({ service: instance.name, pid, uid }, `a word on its notify socket is not heard: ${deaf}`);
  }

  /** Why it is not heard; undefined: it is. */
  #hear(instance: Instance, message: Datagram): string | undefined {
    const probes = this.#runs.get(instance);
    if (probes === undefined) {
      this.#keep(instance, message);
      return undefined;
    }
    const ownUid = instance.user?.identity?.uid ?? this.#world.users.daemonUid;
    const deaf = deafTo(message, probes.run.handle, ownUid, () =>
      [...this.#side.instances().all()].flatMap(({ process }) => process?.handle ?? []),
    );
    if (deaf !== undefined) return deaf;
    for (const word of parseNotifyMessage(message.bytes)) probes.heard(word);
    return undefined;
  }
}
