import type { Sys } from "./sys.ts";

/**
 * Calls back when descriptors have something to read: one for the whole process, as the native part has it. A descriptor that took the number of one
 * that was closed in the same turn may be called back for nothing.
 */
class FdWatch {
  readonly #sys: Sys;
  readonly #watched = new Map<number, () => void>();

  constructor(sys: Sys) {
    this.#sys = sys;
    sys.watch(() => this.#take());
  }

  add(fd: number, onReadable: () => void): void {
    this.#sys.add(fd);
    this.#watched.set(fd, onReadable);
  }

  remove(fd: number): void {
    this.#watched.delete(fd);
    this.#sys.remove(fd);
  }

  /** What is left is told again in the next turn. */
  #take(): void {
    for (const fd of this.#sys.ready()) this.#watched.get(fd)?.();
  }
}

let only: FdWatch | undefined;

/** Throws where the kernel refuses the first one. */
export function fdWatch(sys: Sys): FdWatch {
  only ??= new FdWatch(sys);
  return only;
}
