/**
 * The link of a user's daemon to that of the system: one subscription, taken in order. It asks for nothing but what everybody may read. A link
 * that breaks leaves the last known states as they are, says so in `rind@degraded`, and is made anew when the socket of the system moves;
 * then everything is told anew, and what differs is one transaction. What was emitted meanwhile is lost: a signal is never stored.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { SharedNews } from "../control/api.ts";
import { type ControlClient, connectControl } from "../control/client.ts";
import type { SharedBatch } from "../control/protocol.ts";
import { type SocketWatch, watchSocket } from "../control/socket-watch.ts";
import { RindError } from "../errors/rind-error.ts";
import type { Turns } from "../lib/turns.ts";
import type { Write } from "../model/change.ts";
import type { ImportDecl } from "../model/unit-set.ts";
import { degrade, recover } from "../supervisor/degraded.ts";
import { type AllShared, branchesOf, importsOf, Mirror } from "../supervisor/mirror.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { UnitSource } from "../supervisor/unit-source.ts";

/** The branch of `rind@degraded` that says that the system's daemon is not there. */
const ITEM = "system";
/** A daemon that has just made its socket may not listen yet, and one that is overloaded may be better soon. */
const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 5_000;
const RETRIES_AFTER_CHANGE = 5;

interface Connection {
  readonly client: ControlClient;
  readonly batches: AsyncIterator<SharedBatch>;
  /** What was read and is not taken yet. */
  readonly ahead: readonly SharedNews[];
}

export class SystemLink {
  readonly imports: readonly ImportDecl[];
  readonly mirrored: readonly Write[];
  readonly #socket: string;
  #connection: Connection | undefined;
  #watch: SocketWatch | undefined;
  readonly #closed = new AbortController();

  private constructor(socket: string, connection: Connection, all: AllShared) {
    this.#socket = socket;
    this.#connection = connection;
    this.imports = importsOf(all);
    this.mirrored = branchesOf(all);
  }

  /** Throws a `NoDaemonError` where no daemon serves `socket`, a `NotPermittedError` where it may not be opened. `asked` aborts it. */
  static async open(socket: string, asked: AbortSignal): Promise<SystemLink> {
    const connection = await connect(socket, asked);
    const [all, ...ahead] = connection.ahead;
    if (all?.kind === "all") return new SystemLink(socket, { ...connection, ahead }, all);
    connection.client.close();
    throw new RindError(`the daemon at ${socket} does not say which states it has`);
  }

  /** Takes over what the system says from now on; to be called when the daemon has booted on `imports` and `mirrored`. Ends with `close`. */
  async follow(supervisor: Supervisor, ground: { readonly units: UnitSource; readonly unitChanges: Turns }): Promise<void> {
    const again = (): void => this.#connection?.client.close();
    const mirror = new Mirror(supervisor, { ...ground, imports: this.imports, again });
    try {
      while (!this.#closed.signal.aborted) await this.#followOnce(supervisor, mirror);
    } finally {
      mirror.close();
    }
  }

  close(): void {
    this.#closed.abort();
    this.#connection?.client.close();
    this.#watch?.close();
  }

  async #followOnce(supervisor: Supervisor, mirror: Mirror): Promise<void> {
    const connection = this.#connection ?? (await this.#reconnect());
    this.#connection = connection;
    if (connection === undefined) return;
    try {
      await this.#takeAll(connection, supervisor, mirror);
    } catch (error) {
      if (!(error instanceof RindError)) throw error;
      await degrade(supervisor, ITEM, `${error.message}: its states stand as they were`, "the daemon of the system has gone");
    } finally {
      this.#connection = undefined;
      connection.client.close();
    }
  }

  /** Until the connection is closed here, or what was missed has to be told anew. */
  async #takeAll({ ahead, batches }: Connection, supervisor: Supervisor, mirror: Mirror): Promise<void> {
    await this.#take(ahead, supervisor, mirror);
    for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
      if (next.value.missed > 0) return;
      await this.#take(next.value.news, supervisor, mirror);
    }
  }

  async #take(all: readonly SharedNews[], supervisor: Supervisor, mirror: Mirror): Promise<void> {
    for (const news of all) {
      if (this.#closed.signal.aborted) return;
      try {
        await mirror.take(news);
      } catch (err) {
        supervisor.log.error({ err }, "what the system's daemon says could not be taken");
      }
      await recover(supervisor, ITEM, "the daemon of the system is there again");
    }
  }

  /** undefined: the link is closed. */
  async #reconnect(): Promise<Connection | undefined> {
    while (!this.#closed.signal.aborted) {
      // first the watch, then the try: what happens in between is seen
      this.#watch = watchSocket(this.#socket);
      try {
        for (let tries = 0, told = true; !this.#closed.signal.aborted; ) {
          const connection = await connect(this.#socket, this.#closed.signal).catch(tryLater);
          if (connection !== undefined) return connection;
          if (told && tries < RETRIES_AFTER_CHANGE) {
            await this.#pause(FIRST_RETRY_MS * 2 ** tries++);
          } else {
            told = await this.#watch.changed();
            tries = 0;
            if (!told) break;
          }
        }
      } finally {
        this.#watch.close();
      }
      await this.#pause(LAST_RETRY_MS);
    }
    return undefined;
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#closed.signal, ref: false }).catch(() => {});
  }
}

/** With the first that it says. `abort` ends it until then. */
async function connect(socket: string, abort: AbortSignal): Promise<Connection> {
  const client = await connectControl(socket);
  const end = (): void => client.close();
  abort.addEventListener("abort", end);
  try {
    if (abort.aborted) end();
    const batches = (await client.follow("flow.subscribe", {}))[Symbol.asyncIterator]();
    const first = await batches.next();
    return { client, batches, ahead: first.done === true ? [] : first.value.news };
  } catch (error) {
    client.close();
    throw error;
  } finally {
    abort.removeEventListener("abort", end);
  }
}

/** Whatever Rind itself refuses may be otherwise the next time. */
function tryLater(error: unknown): undefined {
  if (!(error instanceof RindError)) throw error;
}
