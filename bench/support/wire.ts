import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A connection to the daemon that makes no promise for each request: what is measured is the daemon, so the client has to cost little. */
export class Wire {
  readonly #socket: Socket;
  #answered = 0;
  #awaited = 0;
  #waiter: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) this.#answered++;
      if (bytes.includes('"error"')) throw new Error(`refused: ${bytes.toString("utf8", 0, 500)}`);
      if (this.#answered >= this.#awaited) this.#waiter?.();
    });
  }

  static async open(path: string): Promise<Wire> {
    const socket = connect(path);
    await once(socket, "connect");
    return new Wire(socket);
  }

  /** Sends requests, each as `request` makes it; resolves when all that were ever sent are answered. */
  async call(requests: string): Promise<void> {
    const count = requests.split("\n").length - 1;
    this.#awaited += count;
    const answered = new Promise<void>((resolve) => {
      this.#waiter = resolve;
    });
    this.#socket.write(requests);
    await answered;
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** One request as a line. */
export function request(method: string, params: object): string {
  return `${JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })}\n`;
}
