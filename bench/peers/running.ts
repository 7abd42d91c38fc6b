import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchService, Command, Peer, Setup } from "./peer.ts";
import { family, killStartedFor, MARK, pssBytes, runsFrom } from "./processes.ts";
import type { Programs } from "./programs.ts";
import { firstTime, inTime, now, Stopwatch } from "./stopwatch.ts";

/** A supervisor of which all services run, or have run. */
export class Running {
  /** From the exec of the supervisor to the byte of the last of its services. */
  readonly bootMs: number;
  /** The time of that byte. */
  readonly runningAt: number;
  readonly folder: string;
  readonly #programs: Programs;
  readonly #setup: Setup;
  readonly #watch: Stopwatch;
  readonly #root: number;

  private constructor(given: {
    began: number;
    runningAt: number;
    folder: string;
    programs: Programs;
    setup: Setup;
    watch: Stopwatch;
    root: number;
  }) {
    this.bootMs = given.runningAt - given.began;
    this.runningAt = given.runningAt;
    this.folder = given.folder;
    this.#programs = given.programs;
    this.#setup = given.setup;
    this.#watch = given.watch;
    this.#root = given.root;
  }

  /**
   * Lets `peer` run the services that `services` makes of the way to the FIFO, hands it to `use`, and takes all of it away, whatever happens.
   * `bytes`: how many these write until all have begun; as many as there are, where it is not said.
   */
  static async with<T>(
    peer: Peer,
    programs: Programs,
    services: (fifo: string) => readonly BenchService[],
    use: (running: Running) => Promise<T> | T,
    bytes?: number,
  ): Promise<T> {
    const folder = mkdtempSync(join(programs.folder, "p-"));
    const own = mkdtempSync(join(programs.folder, "f-"));
    const fifo = join(own, "f");
    const list = services(fifo);
    const setup = peer.prepare(folder, list, programs.node);
    const watch = new Stopwatch(programs.stopwatch, ["fifo", fifo]);
    const messages = join(own, "stderr");
    let child: ChildProcess | undefined;
    try {
      if ((await watch.line()) !== "ready") throw new Error("there is no FIFO");
      watch.ask(`bytes ${bytes ?? list.length}`);
      const stderr = openSync(messages, "a");
      const words = [...(setup.ground ?? []), programs.stopwatch, "exec", ...setup.start.words];
      child = spawn(words[0] ?? "", words.slice(1), {
        cwd: folder,
        env: clean(setup.start, folder),
        stdio: ["ignore", stderr, stderr, "pipe"],
      });
      closeSync(stderr);
      const ended = once(child, "exit");
      // Whoever waits for it hears of a failure; the start itself then has no time to tell.
      ended.catch(() => {});
      const began = await firstTime(child.stdio[3] as Readable);
      const early = setup.detaches === true ? [] : [ended.then(() => endedByItself(peer))];
      const runningAt = await Promise.race([watch.time(), ...early]);
      if (setup.detaches === true) await inTime(ended, `${peer.name}, which should end when it has started its daemon,`);
      const root = setup.root(child.pid ?? 0);
      if (!(root > 1)) throw new Error("its first process is not known");
      return await use(new Running({ began, runningAt, folder, programs, setup, watch, root }));
    } catch (error) {
      throw new Error(`${peer.name}: ${String(error)}\n${readFileSync(messages, "utf8").slice(-2_000)}`, { cause: error });
    } finally {
      watch.close();
      await takeAway(setup, folder);
      rmSync(folder, { recursive: true, force: true });
      rmSync(own, { recursive: true, force: true });
    }
  }

  /** All processes that are the supervisor's own, and none of a service. */
  supervisors(): readonly number[] {
    return family(this.#root).filter((pid) => !runsFrom(pid, this.#programs.services));
  }

  /** All processes of its services. */
  services(): readonly number[] {
    return family(this.#root).filter((pid) => runsFrom(pid, this.#programs.services));
  }

  pssBytes(): number {
    return this.supervisors().reduce((sum, pid) => sum + pssBytes(pid), 0);
  }

  logFile(service: string): string {
    const file = this.#setup.logFile?.(service);
    if (file === undefined) throw new Error("it writes no log file");
    return file;
  }

  /** Milliseconds until so many services more have begun after this was done. */
  async untilBegun(services: number, act: () => void): Promise<number> {
    this.#watch.ask(`bytes ${services}`);
    const began = now();
    act();
    return (await this.#watch.time()) - began;
  }

  /** Milliseconds that its command takes for the status of one service, from exec to its end. */
  statusMs(service: string): Promise<number> {
    return this.commandMs(this.#setup.status(service));
  }

  /** Milliseconds from the exec of a command, in the supervisor's folder and environment, to its end. */
  async commandMs(command: Command): Promise<number> {
    const asked = spawn(this.#programs.stopwatch, ["run", ...command.words], {
      env: clean(command, this.folder),
      cwd: this.folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(asked, "exit");
    const ms = await firstTime(asked.stdout);
    const [code] = await inTime(ended, command.words.join(" "));
    if (code !== 0) throw new Error(`${command.words.join(" ")} ends with ${code}`);
    return ms;
  }

  /** Stops all; how long until no service was left, and until no process of the supervisor was. */
  async stop(): Promise<{ readonly stoppedMs: number; readonly goneMs: number }> {
    const gone = new Stopwatch(this.#programs.stopwatch, ["gone", ...this.supervisors().map(String)]);
    try {
      if ((await gone.line()) !== "ready") throw new Error("its processes cannot be waited for");
      this.#watch.ask("end");
      const began = now();
      const { stop } = this.#setup;
      if (typeof stop === "string") process.kill(this.#root, stop);
      else spawn(stop.words[0] ?? "", stop.words.slice(1), { env: clean(stop, this.folder), cwd: this.folder, stdio: "ignore" });
      const [stopped, left] = [await this.#watch.time(), await gone.time()];
      return { stoppedMs: stopped - began, goneMs: left - began };
    } finally {
      gone.close();
    }
  }
}

/** Rejects, but not before a time that has been taken has had its time to be told: it may have ended as all of its oneshots have. */
async function endedByItself(peer: Peer): Promise<never> {
  await sleep(200);
  throw new Error(`${peer.name} ended by itself`);
}

/** An environment that holds nothing which one of them would take for its own, or load something for, and by which its processes are found again. */
function clean({ env }: Command, folder: string): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"] ?? "", HOME: folder, [MARK]: folder, ...env };
}

/** Kills what is left of it. */
async function takeAway(setup: Setup, folder: string): Promise<void> {
  await until(() => !killStartedFor(folder));
  await until(() => setup.clean?.() ?? true);
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 250 && !done(); tries++) await sleep(20);
}
