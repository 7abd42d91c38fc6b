import type { Machine, MountCall } from "../../../src/init/machine.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

interface Mounted {
  readonly target: string;
  readonly fstype: string;
  readonly readOnly?: boolean;
}

/** A machine on paper: what was done to it, in order, and what refuses. */
export class FakeMachine implements Machine {
  readonly did: string[] = [];
  readonly said: string[] = [];
  readonly clock = new VirtualClock();
  whole = true;
  mounted: Mounted[] = [];
  files: Record<string, string> = {};
  folders: string[] = [];
  /** Interfaces that are up. */
  up: string[] = [];
  /** By what is said of it in `did`: an error with this message; `hangs`: no answer at all. */
  refuses: Record<string, string> = {};
  /** Who lives; each kill takes away who hears it. */
  processes: { readonly name: string; readonly endsBy: "SIGTERM" | "SIGKILL" | "nothing" }[] = [];

  get ground() {
    return { machine: this, clock: this.clock, say: (line: string) => void this.said.push(line) };
  }

  isWhole(): boolean {
    return this.whole;
  }

  read(path: string): string | undefined {
    if (path !== "/proc/self/mountinfo") return this.files[path];
    if (!this.mounted.some(({ target }) => target === "/proc")) return undefined;
    return this.mounted
      .map(({ target, fstype, readOnly }, at) => `${at + 20} 1 8:1 / ${target} ${readOnly ? "ro" : "rw"},relatime - ${fstype} none rw\n`)
      .join("");
  }

  isFolder(path: string): boolean {
    return this.folders.includes(path);
  }

  makeFolder(path: string): void {
    this.#do(`mkdir ${path}`);
  }

  makeFile(path: string): void {
    this.#do(`touch ${path}`);
  }

  link(path: string, to: string): void {
    this.#do(`link ${path} ${to}`);
  }

  async mount({ target, fstype, flags, data }: MountCall): Promise<void> {
    await this.#take(`mount ${[fstype, target, flags.join(","), data].filter((word) => word !== "").join(" ")}`);
    if (flags.includes("remount")) {
      this.mounted = this.mounted.map((at) => (at.target === target ? { ...at, readOnly: flags.includes("ro") } : at));
    } else this.mounted.push({ target, fstype });
  }

  async unmount(target: string): Promise<void> {
    await this.#take(`umount ${target}`);
    this.mounted = this.mounted.filter((at) => at.target !== target);
  }

  setHostname(name: string): void {
    this.#do(`hostname ${name}`);
  }

  isUp(name: string): boolean {
    return this.up.includes(name);
  }

  interfaceUp(name: string): void {
    this.#do(`up ${name}`);
  }

  async swapOff(path: string): Promise<void> {
    await this.#take(`swapoff ${path}`);
  }

  killAll(killSignal: "SIGTERM" | "SIGKILL"): void {
    this.#do(killSignal);
    this.processes = this.processes.filter(({ endsBy }) => endsBy !== killSignal && (killSignal === "SIGTERM" || endsBy === "nothing"));
  }

  others(): readonly string[] {
    return this.processes.map(({ name }) => name);
  }

  async sync(): Promise<void> {
    await this.#take("sync");
  }

  power(action: string): void {
    this.#do(action);
  }

  /** Lets time pass until it is done. */
  async over<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const noted = work.finally(() => {
      isOver = true;
    });
    for (let step = 0; step < 10_000 && !isOver; step++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!isOver) this.clock.advance(50);
    }
    if (!isOver) throw new Error(`it does not end: ${this.did.join("; ")}`);
    return noted;
  }

  async #take(what: string): Promise<void> {
    this.#do(what);
    if (this.refuses[what] === "hangs") await new Promise(() => {});
  }

  #do(what: string): void {
    this.did.push(what);
    const reason = this.refuses[what];
    if (reason !== undefined && reason !== "hangs") throw Object.assign(new Error(reason), { code: reason });
  }
}
