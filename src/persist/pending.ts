import { writeLine } from "./format.ts";

/** What the disk must still learn of one key. */
interface Due {
  /** The key was gone in between: read again, it must come after the keys that were set before it came back. */
  readonly removed: boolean;
  /** The line of its value; undefined: it is gone. */
  readonly line: string | undefined;
}

/** Writes that are not on disk yet: of each key only the last, in an order that gives the same map, in the same order, when read again. */
export class Pending {
  #due = new Map<string, Due>();

  get empty(): boolean {
    return this.#due.size === 0;
  }

  /** `line`: what `writeLine` makes of the write; undefined: the key is gone. */
  add(key: string, line: string | undefined): void {
    const before = this.#due.get(key);
    if (line === undefined) this.#due.set(key, { removed: true, line });
    else if (before === undefined) this.#due.set(key, { removed: false, line });
    else {
      if (before.line === undefined) this.#due.delete(key);
      this.#due.set(key, { removed: before.removed, line });
    }
  }

  /** Everything so far, which is then no longer pending. */
  take(): Pending {
    const taken = new Pending();
    taken.#due = this.#due;
    this.#due = new Map();
    return taken;
  }

  /** Puts back what was taken and could not be written: it is older than what came since. */
  restore(older: Pending): void {
    const newer = this.#due;
    this.#due = older.#due;
    for (const [key, { removed, line }] of newer) {
      if (removed) this.add(key, undefined);
      if (line !== undefined) this.add(key, line);
    }
  }

  /** The lines of a group. */
  text(): string {
    let text = "";
    for (const [key, { removed, line }] of this.#due) text += (removed ? writeLine({ key, value: undefined }) : "") + (line ?? "");
    return text;
  }
}
