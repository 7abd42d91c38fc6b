import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { ControlApi } from "../../../src/control/api.ts";
import { type ControlClient, connectControl } from "../../../src/control/client.ts";
import { type ControlServer, serveControl } from "../../../src/control/server.ts";
import { tempFolder } from "../../support/temp-folder.ts";

/** Serves `api` until the test is over. */
export async function served(api: ControlApi, path = join(tempFolder(), "rind.sock")): Promise<ControlServer & { faults: unknown[] }> {
  const faults: unknown[] = [];
  const server = await serveControl({ path, api, onFault: (error) => faults.push(error) });
  onTestFinished(() => server.close());
  return { ...server, faults };
}

export async function connected(path: string): Promise<ControlClient> {
  const client = await connectControl(path);
  onTestFinished(() => client.close());
  return client;
}

/** A client that speaks bytes. */
export async function rawClient(path: string): Promise<RawClient> {
  const socket = connect({ path, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => {});
  const ended = new Promise<void>((resolve) => {
    socket.once("end", resolve);
    socket.once("close", () => resolve());
  });
  const lines: string[] = [];
  let wake = () => {};
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    wake();
  });
  return {
    socket,
    ended,
    send: (text) => void socket.write(text),
    async answer() {
      while (lines.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return JSON.parse(lines.shift() ?? "");
    },
  };
}

export interface RawClient {
  readonly socket: Socket;
  readonly ended: Promise<void>;
  send(text: string): void;

  answer(): Promise<ReturnType<typeof JSON.parse>>;
}

/** Resolves when `holds` is true; the runner's own time limit bounds it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 2));
}
