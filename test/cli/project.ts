import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { tempFolder } from "../support/temp-folder.ts";
import { RIND, RUNNER, rind, run, type Running } from "./program.ts";

/** A project folder with unit files (`NAME.toml` → text), and `rind` called in it. Its daemon, if one runs, is ended after the test. */
export function project(files: Readonly<Record<string, string>>): Project {
  const folder = realpathSync(tempFolder());
  const env = { PATH: process.env["PATH"], XDG_RUNTIME_DIR: join(folder, "run"), LANG: "C.UTF-8" };
  mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 });
  const write = (name: string, text: string) => {
    const path = join(folder, "flows", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  const it: Project = {
    folder,
    env,
    write,
    rind: (args, input) => rind(args, { env, cwd: folder, ...(input === undefined ? {} : { input }) }),
    begin: (args) => run(RUNNER, [RIND, ...args], { env, cwd: folder }),
    daemonPid: () => registrations(env.XDG_RUNTIME_DIR)[0]?.pid,
  };
  onTestFinished(async () => {
    if (it.daemonPid() !== undefined) await it.rind(["down"]);
  });
  return it;
}

export interface Project {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  write(name: string, text: string): void;
  rind(args: readonly string[], input?: string): ReturnType<typeof rind>;
  begin(args: readonly string[]): Running;
  /** Of the daemon that has registered; it may have died since. */
  daemonPid(): number | undefined;
}

function registrations(runtime: string): { pid: number }[] {
  const folder = join(runtime, "rind");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
}
