/**
 * `[[network]]` at run time: follows what the kernel says, keeps the states of the network, and sets up each interface when it comes and when it comes
 * up again. What is set up stays when the daemon ends: services of others may use it.
 */
import type { Change } from "../model/change.ts";
import type { NetworkDecl } from "../model/unit-set.ts";
import type { Ip } from "./ip-command.ts";
import { KernelNetwork } from "./kernel-network.ts";
import { NETWORK_STATES, NetworkStates } from "./network-states.ts";
import { writeResolvConf } from "./resolv-conf.ts";
import { setUp, takeBack } from "./set-up.ts";

/** What surrounds it. Nothing here may throw. */
export interface NetworkGround {
  readonly ip: Ip;
  readonly resolvConf: string;
  /** Whether this process may change the network; one that may not only looks on. */
  readonly mayChange: boolean;
  /** The states are to say this. */
  apply(changes: readonly Change[]): void;
  /** Something is not as a unit says; undefined: now it is. */
  flaw(item: string, message: string | undefined): void;
  say(message: string): void;
}

interface Link {
  readonly index: number;
  readonly up: boolean;
}

/** In `rind@degraded`: of what concerns no single `[[network]]`. */
const ITEM = "network";

export class Networks {
  readonly #ground: NetworkGround;
  #decls: readonly NetworkDecl[] = [];
  #kernel: KernelNetwork | undefined;
  #states = new NetworkStates();
  /** By interface, as it was seen last. */
  #links: ReadonlyMap<string, Link> = new Map();
  /** One change of the network at a time, in order. */
  #work: Promise<void> = Promise.resolve();

  constructor(ground: NetworkGround) {
    this.#ground = ground;
  }

  /** The units say this from now on. Resolves when what can be done now is done; true where the kernel can be followed. */
  async declare(decls: readonly NetworkDecl[]): Promise<boolean> {
    const before = this.#decls;
    this.#decls = decls;
    this.#later(async () => {
      for (const old of before) await this.#forget(old, decls);
      this.#writeDns();
    });
    if (decls.length === 0) this.#leave();
    else if (this.#kernel === undefined) this.#follow();
    for (const decl of decls) if (this.#links.has(decl.interface) || this.#kernel === undefined) this.#later(() => this.#setUp(decl));
    await this.#work;
    return this.#kernel !== undefined;
  }

  /** The kernel is not heard any more; the states stay as they are. */
  close(): void {
    this.#kernel?.close();
    this.#kernel = undefined;
  }

  /** The states are nobody's any more. */
  #leave(): void {
    if (this.#kernel === undefined) return;
    this.close();
    this.#links = new Map();
    this.#states = new NetworkStates();
    this.#ground.apply(NETWORK_STATES.map((state) => ({ op: "unset", state, filter: undefined })));
  }

  #follow(): void {
    const opened = KernelNetwork.open(() => this.#heard());
    if (opened instanceof KernelNetwork) {
      this.#kernel = opened;
      this.#ground.flaw(ITEM, undefined);
    } else this.#ground.flaw(ITEM, `${NETWORK_STATES.join(", ")} stay unset, as the kernel cannot be followed: ${opened.failure}`);
  }

  #heard(): void {
    if (this.#kernel === undefined) return;
    const { table } = this.#kernel;
    const changes = this.#states.changes(table);
    if (changes.length > 0) this.#ground.apply(changes);
    const before = this.#links;
    this.#links = new Map(table.links.map(({ name, index, up }) => [name, { index, up }]));
    for (const decl of this.#decls) {
      const now = this.#links.get(decl.interface);
      const was = before.get(decl.interface);
      // who takes an interface down wants it to be down
      if (now !== undefined && (was?.index !== now.index || (now.up && !was.up))) this.#later(() => this.#setUp(decl));
    }
  }

  async #setUp(decl: NetworkDecl): Promise<void> {
    const { ip, mayChange, flaw } = this.#ground;
    if (!this.#decls.includes(decl)) return;
    if (!mayChange) {
      flaw(decl.name, `${decl.interface} is not set up: this takes the right to change the network (CAP_NET_ADMIN)`);
      return;
    }
    const link = this.#links.get(decl.interface);
    const present = link === undefined ? [] : (this.#kernel?.table.addressesOf(link.index) ?? []);
    const failure = await setUp(decl, present, ip);
    // it may have gone meanwhile: then it is set up when it comes
    const isThere = this.#kernel === undefined || this.#links.has(decl.interface);
    flaw(decl.name, failure === undefined || !isThere ? undefined : `${decl.interface} is not as it should be: ${failure}`);
  }

  async #forget(old: NetworkDecl, decls: readonly NetworkDecl[]): Promise<void> {
    const now = decls.find(({ name }) => name === old.name);
    if (now === undefined) this.#ground.flaw(old.name, undefined);
    if (this.#ground.mayChange) await takeBack(old, now ?? decls.find((decl) => decl.interface === old.interface), this.#ground.ip);
  }

  #writeDns(): void {
    const servers = [...new Set(this.#decls.flatMap(({ dns }) => dns))];
    const { resolvConf, mayChange, say, flaw } = this.#ground;
    if (servers.length === 0 || !mayChange) return;
    try {
      writeResolvConf(resolvConf, servers, say);
      flaw(resolvConf, undefined);
    } catch (error) {
      flaw(resolvConf, `the name servers are not written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #later(work: () => Promise<void>): void {
    this.#work = this.#work.then(work);
  }
}
