import type { SpawnOptions } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFailed, onTestFinished } from "vitest";
import { connectControl, type ControlClient } from "../../src/control/client.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { copyProgram, type Result, RIND, RUNNER, rind, run, type Running, runToEnd } from "./program.ts";

export interface Project {
  readonly folder: string;
  readonly socket: string;
  readonly statePath: string;
  readonly env: NodeJS.ProcessEnv;
  /** Writes (or replaces) a unit file, or any other file below the project folder. */
  write(file: string, text: string, mode?: number): void;
  /** Runs `rind` on this project to its end. */
  rind(...args: string[]): ReturnType<typeof rind>;
  /** The same, with its output read as json; fails where the exit code is not 0. */
  json(...args: string[]): Promise<unknown>;
  /** Starts `rind up` in the foreground and waits until it is up. */
  up(...args: string[]): Promise<Running>;
  client(): Promise<ControlClient>;
}

/** A project of the test's own, with its socket and state beside it; `files` go below it, `flows/` holds the units. */
export function project(files: Readonly<Record<string, string>>): Project {
  const folder = tempFolder();
  const socket = join(folder, "s");
  const statePath = join(folder, "state");
  // without the certificates of this machine, which cost each start of Node tens of milliseconds
  const { NODE_EXTRA_CA_CERTS: _, XDG_RUNTIME_DIR: __, ...inherited } = process.env;
  const env = { ...inherited, RIND_SOCKET: socket, RIND_STATE_PATH: statePath, XDG_RUNTIME_DIR: folder };
  const write = (file: string, text: string, mode = 0o644): void => {
    const path = join(folder, file);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text, { mode });
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  const options = { cwd: folder, env };
  const call = (...args: string[]): ReturnType<typeof rind> => rind(args, options);
  return {
    folder,
    socket,
    statePath,
    env,
    write,
    rind: call,
    json: jsonBy(call),
    up: (...args) => startDaemon(RUNNER, [RIND, "up", ...args], options),
    client: async () => {
      const client = await connectControl(socket);
      onTestFinished(() => client.close());
      return client;
    },
  };
}

/** `call` with `--json`: what it prints, read; fails where the exit code is not 0. */
export function jsonBy(call: (...args: string[]) => Promise<Result>): (...args: string[]) => Promise<unknown> {
  return async (...args) => {
    const { code, out, err } = await call(...args, "--json");
    if (code !== 0) throw new Error(`rind ${args.join(" ")} ended with ${code}: ${err}`);
    return JSON.parse(out) as unknown;
  };
}

/** Starts a daemon and waits until it is up. It ends with the test, and tells what it said where that fails. */
export async function startDaemon(program: string, args: readonly string[], options: SpawnOptions): Promise<Running> {
  const daemon = run(program, args, options);
  onTestFailed(() => console.error(`what the daemon of ${String(options.cwd)} said:\n${daemon.err()}`));
  onTestFinished(async () => {
    daemon.child.kill("SIGINT");
    daemon.child.kill("SIGINT");
    await daemon.ended;
  });
  await printed(daemon, "err", /"rind is up"/);
  return daemon;
}

/** Runs `rind` as the user nobody, from a copy that everybody may read: a checkout may lie where only its owner can go. */
export function rindAsNobody(p: Project, ...args: string[]): ReturnType<typeof rind> {
  const copy = join(p.folder, "dist");
  if (!existsSync(copy)) copyProgram(copy);
  chmodSync(p.folder, 0o755);
  return runToEnd(process.execPath, [join(copy, "rind.js"), ...args], {
    cwd: p.folder,
    env: { ...p.env, XDG_RUNTIME_DIR: "/nonexistent" },
    uid: 65_534,
    gid: 65_534,
  });
}

/** Resolves with the match when the program has printed it; rejects when it ends first, or prints nothing of it for 20 seconds. */
export function printed(running: Running, stream: "out" | "err", pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const match = pattern.exec(running[stream]());
      if (match !== null) end(() => resolve(match));
    };
    const source = stream === "out" ? running.child.stdout : running.child.stderr;
    const failed = (why: string): void =>
      end(() => reject(new Error(`${why} before it printed ${pattern}:\n${running.out()}\n${running.err()}`)));
    const timer = setTimeout(() => failed("20 seconds went by"), 20_000);
    const end = (then: () => void): void => {
      clearTimeout(timer);
      source?.off("data", look);
      then();
    };
    source?.on("data", look);
    running.ended.then(() => {
      look();
      failed("it ended");
    }, reject);
    look();
  });
}
