import { join } from "node:path";
import { QUESTIONS, runPlainly } from "../../../src/cli/plain-cli.ts";
import { runCli } from "../../../src/cli/program.ts";
import type { Terminal } from "../../../src/cli/terminal.ts";
import { type FakeApi, fakeApi } from "../control/fake-api.ts";
import { served } from "../control/rig.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import type { ControlApi } from "../../../src/control/api.ts";
import { connectControl } from "../../../src/control/client.ts";

/** Noon of the day of the fake data, five minutes later. */
const NOW = Date.UTC(2030, 0, 2, 12, 5, 0);

export interface Run {
  /** What has been printed so far. */
  out(): string;
  bytes(): Buffer;
  err(): string;
  interrupt(): void;
  readonly code: Promise<number>;
}

/** Plain words are not read by commander. */
async function runAsShipped(words: readonly string[], terminal: Terminal): Promise<number> {
  return (await runPlainly(words, { commands: QUESTIONS, terminal, connect: connectControl })) ?? runCli(words, terminal);
}

/** Runs one command line in this process. */
function start(words: readonly string[], options: Partial<Terminal> & { input?: string } = {}): Run {
  let out = Buffer.alloc(0);
  let err = "";
  const interrupts = new Set<() => void>();
  const { input, ...parts } = options;
  const terminal: Terminal = {
    env: {},
    cwd: "/",
    uid: process.getuid?.() ?? 0,
    self: [],
    colour: false,
    errColour: false,
    unicode: true,
    columns: Number.POSITIVE_INFINITY,
    now: () => NOW,
    async out(text) {
      out = Buffer.concat([out, Buffer.from(text)]);
    },
    err(text) {
      err += text;
    },
    stdin: async () => input ?? "",
    onInterrupt(act) {
      interrupts.add(act);
      return () => interrupts.delete(act);
    },
    ...parts,
  };
  return {
    out: () => out.toString(),
    bytes: () => out,
    err: () => err,
    interrupt: () => [...interrupts].forEach((act) => act()),
    code: runAsShipped(words, terminal),
  };
}

/** Runs one command line to its end. */
export async function cli(
  words: readonly string[],
  options: Partial<Terminal> & { input?: string } = {},
): Promise<{ code: number; out: string; err: string }> {
  const run = start(words, options);
  const code = await run.code;
  return { code, out: run.out(), err: run.err() };
}

/** A fake daemon, and the command line that speaks to it. */
export async function rig(parts: Partial<ControlApi> = {}): Promise<Rig> {
  const fake = fakeApi(parts);
  const server = await served(fake.api);
  const env = { RIND_SOCKET: server.path };
  return {
    ...fake,
    path: server.path,
    close: server.close,
    rind: (words, options = {}) => cli(words, { env, ...options }),
    begin: (words, options = {}) => start(words, { env, ...options }),
  };
}

export interface Rig extends FakeApi {
  readonly path: string;
  close(): Promise<void>;
  rind(words: readonly string[], options?: Partial<Terminal> & { input?: string }): ReturnType<typeof cli>;
  begin(words: readonly string[], options?: Partial<Terminal> & { input?: string }): Run;
}

export function noDaemon(): { env: NodeJS.ProcessEnv } {
  return { env: { RIND_SOCKET: join(tempFolder(), "rind.sock") } };
}
