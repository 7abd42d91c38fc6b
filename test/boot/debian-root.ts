/**
 * A Debian root of the tests' own, made with debootstrap, and Rind as the init of it: in namespaces for processes, mounts, names and network, below
 * chroot. What runs there sees nothing of the machine but its kernel.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { copyProgram } from "../cli/program.ts";

const PACKAGES = "login,openssh-server,openssh-client,passwd,libpam-modules,util-linux";
const SETUP_MS = 300_000;

export interface DebianRoot {
  readonly folder: string;
  /** Writes a file below the root. */
  write(path: string, text: string, mode?: number): void;
  /** Runs a command in the root, without Rind; throws where it fails. */
  chroot(...words: string[]): void;
  remove(): void;
}

/** What keeps a Debian root from being made here; undefined: nothing. */
export function lackOfDebianRoot(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can make a Debian root";
  if (spawnSync("debootstrap", ["--version"]).error !== undefined) return "debootstrap is not installed";
  const unshared = spawnSync("unshare", ["--pid", "--fork", "--mount", "--uts", "--ipc", "--net", "--mount-proc", "true"]);
  return unshared.status === 0 ? undefined : "namespaces cannot be made here";
}

/** Takes about half a minute. With Node and the built program in it, as `/usr/bin/rind`. */
export function makeDebianRoot(): DebianRoot {
  const folder = mkdtempSync(join(tmpdir(), "rind-debian-"));
  // it is the root of all who log in there
  chmodSync(folder, 0o755);
  run("debootstrap", ["--variant=minbase", `--include=${PACKAGES}`, "bookworm", folder]);
  const root: DebianRoot = {
    folder,
    write(path, text, mode = 0o644) {
      const whole = join(folder, path);
      mkdirSync(dirname(whole), { recursive: true });
      writeFileSync(whole, text);
      chmodSync(whole, mode);
    },
    chroot: (...words) => run("chroot", [folder, ...words]),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  copyProgram(join(folder, "usr/lib/rind"));
  cpSync(process.execPath, join(folder, "usr/bin/node"), { dereference: true });
  root.write("usr/bin/rind", '#!/bin/sh\nexec /usr/bin/node /usr/lib/rind/rind.js "$@"\n', 0o755);
  return root;
}

/** Adds lines to a file below the root. */
export function append({ folder }: DebianRoot, path: string, text: string): void {
  appendFileSync(join(folder, path), text);
}

export interface RunningRoot {
  /** Path, from outside, of what is at `path` inside. */
  outside(path: string): string;
  /** Starts a command as root inside, with pipes. */
  start(...words: string[]): ChildProcess;
  /** What Rind said on its console. */
  said(): string;
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Boots the root with `rind init` as PID 1 of it, until it is up; all of it is gone at the end of the test. */
export async function bootDebianRoot({ folder }: DebianRoot): Promise<RunningRoot> {
  // its /dev stays what debootstrap made of it: the devices of the machine are none of its business
  const script = 'mount --bind "$0/dev" "$0/dev" && exec chroot "$0" /usr/bin/rind init';
  const namespaces = ["--pid", "--fork", "--kill-child", "--mount", "--uts", "--ipc", "--net"];
  const child = spawn("unshare", [...namespaces, "sh", "-c", script, folder], { stdio: ["ignore", "pipe", "pipe"], env: {} });
  let said = "";
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => child.once("close", (code, signal) => resolve(code ?? signal)));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (/^rind: up$/m.test(said)) resolve();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    setTimeout(() => reject(new Error(`not up after 30 seconds:\n${said}`)), 30_000).unref();
    void ended.then(() => reject(new Error(`ended before it was up:\n${said}`)));
  });
  const pid = firstChildOf(child.pid ?? 0);
  return {
    outside: (path) => `/proc/${pid}/root${path}`,
    start: (...words) => {
      const inside = spawn("nsenter", ["--target", pid, "--all", "--root", "--wd", ...words], {
        env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      });
      onTestFinished(() => void inside.kill("SIGKILL"));
      return inside;
    },
    said: () => said,
    ended,
  };
}

function firstChildOf(pid: number): string {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ");
  if (child === undefined || child === "") throw new Error(`${pid} has no child`);
  return child;
}

function run(program: string, words: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    encoding: "utf8",
    timeout: SETUP_MS,
    env: { PATH: process.env["PATH"] },
  });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")} failed: ${error?.message ?? ""}${stdout}${stderr}`);
}
