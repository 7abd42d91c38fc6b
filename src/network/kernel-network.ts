import { closeSync, writeSync } from "node:fs";
import { fdWatch } from "../process/fd-watch.ts";
import { native, nativeLack, type Sys } from "../process/sys.ts";
import { dumpRequest, type NetlinkMessage, NETWORK_GROUPS, readMessages } from "./netlink-messages.ts";
import { type Dump, NetworkTable } from "./network-table.ts";

const ALL: readonly Dump[] = ["links", "addresses", "routes"];

/** So many datagrams are taken in one turn: whoever changes routes by the thousand must not hold up the rest. */
const TAKEN_AT_ONCE = 64;

/**
 * Follows the kernel's network by what it says on a socket; nothing is asked again but what is in doubt: routes of which the kernel does not tell
 * that they are gone, and all of it where the socket had no room for what was said.
 */
export class KernelNetwork {
  readonly table = new NetworkTable();
  readonly #sys: Sys;
  readonly #fd: number;
  readonly #onChange: () => void;
  /** What is to be read anew, in this order; the first is being read. */
  #dumps: Dump[] = [];
  #seq = 0;
  #open = true;

  private constructor(sys: Sys, fd: number, onChange: () => void) {
    this.#sys = sys;
    this.#fd = fd;
    this.#onChange = onChange;
    fdWatch(sys).add(fd, () => this.#take());
    this.#read(ALL);
  }

  /**
   * `onChange` is called once all is known, and then after each bundle of news; it must not throw. Answers why it cannot be followed, where the
   * kernel or this build does not let anybody.
   */
  static open(onChange: () => void): KernelNetwork | { readonly failure: string } {
    const sys = native();
    if (sys === undefined) return { failure: `there is no native part: ${nativeLack() ?? ""}` };
    let fd: number | undefined;
    try {
      fd = sys.openNetlink(NETWORK_GROUPS);
      return new KernelNetwork(sys, fd, onChange);
    } catch (error) {
      if (fd !== undefined) closeSync(fd);
      return { failure: error instanceof Error ? error.message : String(error) };
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    fdWatch(this.#sys).remove(this.#fd);
    closeSync(this.#fd);
  }

  #take(): void {
    for (let taken = 0; this.#open && taken < TAKEN_AT_ONCE; taken++) {
      const told = this.#sys.receiveNetlink(this.#fd);
      if (told === undefined) break;
      if (told === "overrun") this.#read(ALL);
      else for (const message of readMessages(told)) this.#hear(message);
    }
    // until all is known for the first time, and while all is in doubt, there is nothing to be said
    if (this.#open && this.#dumps.length === 0) this.#onChange();
  }

  #hear(message: NetlinkMessage): void {
    const isAnswer = message.seq === this.#seq && this.#dumps.length > 0;
    if (isAnswer && (message.kind === "done" || message.kind === "error")) {
      const [read, ...others] = this.#dumps;
      // what was changed while it was read may lack something
      const again = message.interrupted || message.kind === "error" ? [read ?? "links"] : [];
      if (again.length === 0) this.table.end();
      this.#dumps = [];
      if (others.length > 0 || again.length > 0) this.#read([...again, ...others]);
      return;
    }
    if (this.table.hear(message)) this.#read(["routes"]);
  }

  /** One at a time, as the kernel has it; what is asked for twice is read once, after what was asked for before. */
  #read(dumps: readonly Dump[]): void {
    const [current, ...waiting] = this.#dumps;
    const all = [...waiting, ...dumps];
    const others = ALL.filter((dump) => all.includes(dump));
    this.#dumps = current === undefined ? others : [current, ...others];
    const [next] = this.#dumps;
    if (current !== undefined || next === undefined) return;
    this.#seq += 1;
    this.table.begin(next);
    writeSync(this.#fd, dumpRequest(next, this.#seq));
  }
}
