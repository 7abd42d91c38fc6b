import type { Socket } from "node:net";
import { type LineServer, serveLines } from "../control/line-server.ts";
import { UserPlaces } from "../control/user-places.ts";
import { Turns } from "../lib/turns.ts";
import type { Json } from "../model/json.ts";
import type { Right } from "../model/unit-set.ts";
import { type Peer, peerCredentials } from "../process/peer-credentials.ts";
import { nativeLack } from "../process/sys.ts";
import type { DenialLog } from "./denial-log.ts";
import { describeRights } from "../supervisor/rights.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";

/** A socket that units ask for. */
interface Wanted {
  readonly kind: "state" | "signal";
  readonly name: string;
  readonly path: string;
  /** Who may connect beside root and the daemon's own user. */
  readonly permissions: readonly Right[];
}

interface Feed {
  readonly server: LineServer;
  readonly unsubscribe: () => void;
}

/** Whether somebody who is neither root nor the daemon's own user has one of these rights. */
export type HasOneOf = (peer: Peer, rights: readonly Right[]) => boolean;

const ROOT = 0;

/** The sockets of `subscribers`: each client gets what is so now, and then one json line for each set, unset and emit (SPEC 3). */
export class SubscriberSockets {
  readonly #supervisor: Supervisor;
  readonly #hasOneOf: HasOneOf;
  readonly #denials: DenialLog;
  readonly #places = new UserPlaces();
  /** Who is there is asked for again after each reload. */
  readonly #placed = new WeakSet<Socket>();
  /** By kind, name and path, as are the feeds: the units of now. */
  #wanted: ReadonlyMap<string, Wanted> = new Map();
  readonly #feeds = new Map<string, Feed>();
  readonly #turns = new Turns();

  constructor(supervisor: Supervisor, hasOneOf: HasOneOf, denials: DenialLog) {
    this.#supervisor = supervisor;
    this.#hasOneOf = hasOneOf;
    this.#denials = denials;
  }

  /** Brings the sockets in line with the units of now: at the start and after each reload. */
  sync(): Promise<void> {
    // two at once would both open what neither has opened yet
    return this.#turns.take(() => this.#sync());
  }

  async #sync(): Promise<void> {
    const { states, signals } = this.#supervisor.index.units;
    const wanted = new Map<string, Wanted>();
    const want = (kind: "state" | "signal", { name, subscribers }: (typeof states | typeof signals)[number]): void => {
      for (const { path, permissions } of subscribers) wanted.set(`${kind} ${name} ${path}`, { kind, name, path, permissions });
    };
    for (const decl of states) want("state", decl);
    for (const decl of signals) want("signal", decl);
    this.#wanted = wanted;
    for (const [id, feed] of this.#feeds) {
      if (wanted.has(id)) continue;
      close(feed);
      this.#feeds.delete(id);
    }
    for (const [id, each] of wanted) {
      const feed = this.#feeds.get(id) ?? (await this.#open(id, each));
      if (feed !== undefined) this.#share(feed, each);
    }
  }

  close(): void {
    for (const feed of this.#feeds.values()) close(feed);
    this.#feeds.clear();
  }

  /** A socket that cannot be served is logged; what it is about goes on without. */
  async #open(id: string, wanted: Wanted): Promise<Feed | undefined> {
    const { kind, name, path } = wanted;
    const { bus } = this.#supervisor;
    // a reload makes another flow
    const greeting = (): readonly Json[] =>
      kind === "state" ? [...this.#supervisor.flow.branches(name).values()].map((payload) => stateLine(name, undefined, payload)) : [];
    const onFault = (error: unknown): void => this.#fault(wanted, error);
    try {
      const server = await serveLines({ path, greeting, refusal: (socket) => this.#refusal(id, socket), onFault });
      const subscription =
        kind === "state"
          ? bus.state(name).subscribe(({ before, after }) => server.send(stateLine(name, before, after)))
          : bus.signal(name).subscribe(({ payload }) => server.send({ type: "signal", name, payload }));
      const feed = { server, unsubscribe: () => subscription.unsubscribe() };
      this.#feeds.set(id, feed);
      return feed;
    } catch (error) {
      onFault(error);
      return undefined;
    }
  }

  /** Without permissions, and where nobody can be told from another, the socket is its owner's alone. */
  #share({ server }: Feed, wanted: Wanted): void {
    try {
      server.share(wanted.permissions.length > 0 && nativeLack() === undefined);
    } catch (error) {
      this.#fault(wanted, error);
    }
  }

  #refusal(id: string, socket: Socket): Json | undefined {
    const { kind, name, path, permissions = [] } = this.#wanted.get(id) ?? {};
    const peer = peerCredentials(socket);
    // without the native part the mode of the socket is its guard
    if (peer === undefined) return nativeLack() === undefined ? { type: "error", code: "RIND_NOT_PERMITTED" } : undefined;
    const { uid, pid } = peer;
    if (uid === ROOT || uid === process.getuid?.() || this.#hasOneOf(peer, permissions)) return this.#lackOfPlace(peer, socket);
    this.#denials.tell({ uid, pid, method: "subscribe", name, path });
    const whose = permissions.length === 0 ? "root" : `root and who has one of: ${describeRights(permissions)}`;
    const message = `not permitted: this socket of ${kind} ${name} is for ${whose}; not for uid ${uid}`;
    return { type: "error", code: "RIND_NOT_PERMITTED", message };
  }

  #lackOfPlace(peer: Peer, socket: Socket): Json | undefined {
    if (this.#placed.has(socket) || this.#places.take(peer, socket)) {
      this.#placed.add(socket);
      return undefined;
    }
    return { type: "error", code: "RIND_REJECTED", message: `uid ${peer.uid} has too many connections already` };
  }

  #fault({ kind, name, path }: Wanted, error: unknown): void {
    this.#supervisor.log.error({ [kind]: name, path, err: error }, "the subscriber socket failed");
  }
}

function stateLine(name: string, before: Json | undefined, after: Json | undefined): Json {
  return after === undefined
    ? { type: "state", name, action: "unset", payload: before ?? null }
    : { type: "state", name, action: "set", payload: after };
}

function close({ server, unsubscribe }: Feed): void {
  unsubscribe();
  server.close();
}
