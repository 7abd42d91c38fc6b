import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../src/model/json.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { printed, type Project, project, startDaemon } from "./daemon-rig.ts";
import { RIND, RUNNER, run, runToEnd } from "./program.ts";

/** Why these tests cannot run here; undefined: they can. */
export const NO_NETWORKS = !IS_ROOT
  ? "it takes root to make networks"
  : spawnSync("unshare", ["--net", "--mount", "ip", "link", "add", "a0", "type", "veth", "peer", "name", "b0"]).status !== 0
    ? "this kernel lets nobody make networks (unshare, ip, veth)"
    : undefined;

/** A network of its own, with nothing in it. */
export interface Net {
  readonly pid: number;
  /** Runs `ip WORDS` in it; fails where that fails. */
  ip(words: string): Promise<string>;
  /** Starts a program in it, which ends with the test. */
  start(program: string, args: readonly string[], cwd: string): void;
}

export interface NetProject extends Project, Net {
  /** Waits until the branches of a state are such, and answers them. */
  state(name: string, isSo: (branches: readonly Json[]) => boolean): Promise<readonly Json[]>;
  /** Of a file in its own /etc. */
  etc(file: string): string;
}

/** A daemon in a network, /etc and /run of its own; its dhcp client is that of busybox. */
export async function netProject(units: string, etc: Readonly<Record<string, string>> = {}): Promise<NetProject> {
  const p = project({ "flows/g.toml": units });
  const own = join(p.folder, "etc");
  const bin = join(p.folder, "bin");
  for (const folder of [own, bin]) mkdirSync(folder);
  symlinkSync("/bin/busybox", join(bin, "udhcpc"));
  for (const [file, text] of Object.entries(etc)) writeFileSync(join(own, file), text);
  const setup = 'for f in passwd group; do cp /etc/$f "$0"; done; mount --bind "$0" /etc && mount -t tmpfs none /run && exec "$@"';
  const daemon = await startDaemon("unshare", ["--net", "--mount", "sh", "-c", setup, own, RUNNER, RIND, "up"], {
    cwd: p.folder,
    env: { ...p.env, PATH: `${bin}:${p.env["PATH"] ?? ""}` },
  });
  const client = await p.client();
  return {
    ...p,
    ...inside(daemon.child.pid ?? 0),
    state: async (name, isSo) => {
      let branches: readonly Json[] = [];
      await until(
        async () => {
          branches = await client.call("flow.get", { name });
          return isSo(branches);
        },
        () => `${name} is ${JSON.stringify(branches)}`,
      );
      return branches;
    },
    etc: (file) => readFileSync(join(own, file), "utf8"),
  };
}

/** A machine elsewhere: a network with nothing in it but what is put there. */
export async function otherNet(): Promise<Net> {
  const keeper = run("unshare", ["--net", "sh", "-c", "echo up; exec sleep 1000"]);
  await printed(keeper, "out", /up/);
  return inside(keeper.child.pid ?? 0);
}

function inside(pid: number): Net {
  const sh = async (command: string): Promise<string> => {
    const { code, out, err } = await runToEnd("nsenter", ["-t", String(pid), "-n", "sh", "-c", command]);
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${err}`);
    return out;
  };
  return {
    pid,
    ip: (words) => sh(`ip ${words}`),
    start: (program, args, cwd) => void run("nsenter", ["-t", String(pid), "-n", program, ...args], { cwd }),
  };
}

export async function until(isSo: () => boolean | Promise<boolean>, now: () => string): Promise<void> {
  const deadline = Date.now() + 25_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`25 seconds went by, and ${now()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
