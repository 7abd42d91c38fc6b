import type { PowerAction } from "../model/power.ts";
import type { MountDecl } from "../model/unit-set.ts";

/**
 * The machine under `rind init`, as far as it is Rind's to set up and take down. Everything here is done at once, and throws where the system
 * refuses. The only door to it, so that what is done in which order can be tried without a machine.
 * What has a promise may take as long as a disk does.
 */
export interface Machine {
  /** It is no container: disks, and what is mounted from them, belong to nobody else. Known when /proc is mounted. */
  isWhole(): boolean;
  /** The text of a file; undefined: it is not there, or cannot be read. */
  read(path: string): string | undefined;
  isFolder(path: string): boolean;
  /** With those above it that are missing. */
  makeFolder(path: string): void;
  /** Empty, unless it is there. */
  makeFile(path: string): void;
  /** A symbolic link, unless something of that name is there. */
  link(path: string, to: string): void;
  mount(call: MountCall): Promise<void>;
  unmount(target: string): Promise<void>;
  setHostname(name: string): void;
  /** Whether a network interface works already. */
  isUp(name: string): boolean;
  interfaceUp(name: string): void;
  swapOff(path: string): Promise<void>;
  /** Sends to every process but PID 1 and this one. */
  killAll(killSignal: "SIGTERM" | "SIGKILL"): void;
  /** Names of all that live but PID 1, this one and the kernel's own. */
  others(): readonly string[];
  sync(): Promise<void>;
  /** Does not return where it succeeds, at the latest after the call that asked for it. */
  power(action: PowerAction): void;
}

/** As in `[[mount]]`. */
export type MountCall = Pick<MountDecl, "source" | "target" | "fstype" | "flags" | "data">;

/** Says something on the console, a line without its end. */
export type Say = (line: string) => void;
