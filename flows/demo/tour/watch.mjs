/**
 * A view of a running Rind over its control socket (JSON-RPC 2.0, one json text per line), by which the tour waits for what is so and
 * never for a time.
 */
import { once } from "node:events";
import { createConnection } from "node:net";
import { createInterface } from "node:readline";

const PATIENCE_MS = 10_000;

export class Watch {
  #socket;
  #asked = new Map();
  /** What was printed and not yet found, oldest first. */
  #lines = [];
  #wake = () => {};

  /** Follows the Rind that listens at `path`: its events, and what its services have printed and will print. */
  static async open(path) {
    const watch = new Watch();
    watch.#socket = createConnection(path);
    await once(watch.#socket, "connect");
    createInterface({ input: watch.#socket }).on("line", (text) => watch.#take(JSON.parse(text)));
    await watch.#call("event.subscribe", {});
    await watch.#call("log.subscribe", {});
    return watch;
  }

  /** Resolves when this service or instance is in this phase, with its row as `rind status --json` prints it. */
  phase(name, phase) {
    return this.#until(`${name} is ${phase}`, async () => {
      const rows = await this.#call("service.list", {});
      return rows.find((row) => row.name === name && row.phase === phase);
    });
  }

  /** Resolves when this service or instance has printed such a line, with the match. A line is found once. */
  line(service, expression) {
    return this.#until(`${service} prints ${expression}`, () => {
      const index = this.#lines.findIndex((line) => line.service === service && expression.test(line.line));
      return index === -1 ? undefined : this.#lines.splice(index, 1)[0].line.match(expression);
    });
  }

  close() {
    this.#socket.destroy();
  }

  /** Looks now and after each event. The wait for the next event begins before the look, so that none falls between. */
  async #until(what, look) {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake();
    }, PATIENCE_MS);
    try {
      while (!late) {
        const news = new Promise((resolve) => {
          this.#wake = resolve;
        });
        const found = await look();
        if (found !== undefined) return found;
        await news;
      }
      throw new Error(`after ${PATIENCE_MS / 1000} seconds it is still not so that ${what}`);
    } finally {
      clearTimeout(timer);
    }
  }

  #call(method, params) {
    const id = this.#asked.size + 1;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    });
  }

  #take({ id, method, params, result, error }) {
    if (method === "log.lines") this.#lines.push(...params.lines);
    if (id === undefined) this.#wake();
    else if (error === undefined) this.#asked.get(id).resolve(result);
    else this.#asked.get(id).reject(new Error(error.message));
  }
}
