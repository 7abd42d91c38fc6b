import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { hash8 } from "../lib/digits.ts";
import { type Json, isJsonObject } from "../model/json.ts";
import { SocketError } from "./errors.ts";
import { isOwnFolder, makeRuntimeFolder, runtimeFolder } from "./runtime-folder.ts";
import { checkSocketPath, SOCKET_PATH_LIMIT } from "./socket-path.ts";

/** A running daemon as it stands in the runtime folder, so that `rind` in a project's folder finds it. */
export interface RunningProject {
  readonly socket: string;
  /** The project folder; absolute, no symbolic links. */
  readonly project: string;
  /** Where `rind up` was called; absolute, no symbolic links. */
  readonly cwd: string;
  readonly pid: number;
}

/** The socket of a project's daemon: one project folder has one, whoever asks. Throws a `SocketError` where no name is short enough. */
export function projectSocket(project: string, env: NodeJS.ProcessEnv, uid: number): string {
  const folder = runtimeFolder(env, uid);
  const end = `-${hash8(project)}.sock`;
  const room = SOCKET_PATH_LIMIT - Buffer.byteLength(join(folder, end));
  const name = basename(project)
    .replace(/[^A-Za-z0-9_.-]/g, "_")
    .slice(0, Math.max(room, 0));
  const path = join(folder, `${name}${end}`);
  checkSocketPath(path);
  return path;
}

/** Makes a daemon known. The runtime folder is made where it is missing; throws a `SocketError` where it cannot be ours. */
export function registerProject(running: RunningProject, env: NodeJS.ProcessEnv, uid: number): void {
  makeRuntimeFolder(runtimeFolder(env, uid), uid);
  const path = registration(running.project, env, uid);
  const fresh = `${path}.${running.pid}`;
  try {
    writeFileSync(fresh, `${JSON.stringify(running)}\n`, { mode: 0o600 });
    renameSync(fresh, path);
  } catch (cause) {
    throw new SocketError(`cannot register the project at ${path}`, { cause });
  }
}

/** Takes back what `registerProject` wrote; nothing where another daemon has registered the project since. */
export function unregisterProject(running: RunningProject, env: NodeJS.ProcessEnv, uid: number): void {
  const path = registration(running.project, env, uid);
  if (readRegistration(path)?.pid === running.pid) rmSync(path, { force: true });
}

/** The projects of this user whose daemon lives. */
export function runningProjects(env: NodeJS.ProcessEnv, uid: number): readonly RunningProject[] {
  const folder = runtimeFolder(env, uid);
  if (!isOwnFolder(folder, uid)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => readRegistration(join(folder, file)))
    .filter((running) => running !== undefined)
    .filter(({ pid }) => isAlive(pid));
}

function registration(project: string, env: NodeJS.ProcessEnv, uid: number): string {
  const socket = projectSocket(project, env, uid);
  return join(dirname(socket), `${basename(socket, ".sock")}.json`);
}

/** undefined also for what is gone or half written: then nobody runs there. */
function readRegistration(path: string): RunningProject | undefined {
  let value: Json;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { socket, project, cwd, pid } = value;
  if (typeof socket !== "string" || typeof project !== "string" || typeof cwd !== "string" || typeof pid !== "number") return undefined;
  return { socket, project, cwd, pid };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
