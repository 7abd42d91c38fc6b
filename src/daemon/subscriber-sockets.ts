import { type LineServer, serveLines } from "../control/line-server.ts";
import { Turns } from "../lib/turns.ts";
import type { Json } from "../model/json.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";

interface Feed {
  readonly server: LineServer;
  readonly unsubscribe: () => void;
}

/** The sockets of `subscribers`: each client gets what is so now, and then one json line for each set, unset and emit (SPEC 3). */
export class SubscriberSockets {
  readonly #supervisor: Supervisor;
  readonly #feeds = new Map<string, Feed>();
  readonly #turns = new Turns();

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  /** Brings the sockets in line with the units of now: at the start and after each reload. */
  sync(): Promise<void> {
    // two at once would both open what neither has opened yet
    return this.#turns.take(() => this.#sync());
  }

  async #sync(): Promise<void> {
    const { states, signals } = this.#supervisor.index.units;
    const wanted = new Map<string, { readonly kind: "state" | "signal"; readonly name: string; readonly path: string }>();
    for (const { name, subscribers } of states)
      for (const { path } of subscribers) wanted.set(`state ${name} ${path}`, { kind: "state", name, path });
    for (const { name, subscribers } of signals)
      for (const { path } of subscribers) wanted.set(`signal ${name} ${path}`, { kind: "signal", name, path });
    for (const [id, feed] of this.#feeds) {
      if (wanted.has(id)) continue;
      close(feed);
      this.#feeds.delete(id);
    }
    for (const [id, { kind, name, path }] of wanted) if (!this.#feeds.has(id)) await this.#open(id, kind, name, path);
  }

  close(): void {
    for (const feed of this.#feeds.values()) close(feed);
    this.#feeds.clear();
  }

  /** A socket that cannot be served is logged; what it is about goes on without. */
  async #open(id: string, kind: "state" | "signal", name: string, path: string): Promise<void> {
    const { bus, flow, log } = this.#supervisor;
    const fault = (error: unknown): void => log.error({ [kind]: name, path, err: error }, "the subscriber socket failed");
    const greeting = (): readonly Json[] =>
      kind === "state" ? [...flow.branches(name).values()].map((payload) => stateLine(name, undefined, payload)) : [];
    try {
      const server = await serveLines(path, greeting, fault);
      const subscription =
        kind === "state"
          ? bus.state(name).subscribe(({ before, after }) => server.send(stateLine(name, before, after)))
          : bus.signal(name).subscribe(({ payload }) => server.send({ type: "signal", name, payload }));
      this.#feeds.set(id, { server, unsubscribe: () => subscription.unsubscribe() });
    } catch (error) {
      fault(error);
    }
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
