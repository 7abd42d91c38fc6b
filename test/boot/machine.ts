/**
 * The image under QEMU, emulated, with a console (`ttyS0`) and, on a second serial line, a root shell of the tests' own (`ttyS1`), so that the one
 * can be looked at from the other.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { LineDialogue } from "./line-dialogue.ts";

const BOOT = resolve(import.meta.dirname, "../../image/boot.mjs");
const IMAGE = resolve(import.meta.dirname, "../../dist/image/rind.cpio");

/** How long anything may take in a machine that is emulated beside other work. */
export const SLOW_MS = 120_000;

/** A root shell without login on the second serial line. It says when it waits for the first command. */
const SHELL = `[[service]]
name = "root"
class = "system"
run.shell = "stty cols 2000; echo 'the root shell of the tests'; exec sh"
run.tty = "/dev/ttyS1"
run.cwd = "/"
restart = true
`;

export interface BootOptions {
  /** Files that lie over those of the image, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Words for image/boot.mjs. */
  readonly words?: readonly string[];
}

export interface Machine {
  readonly console: LineDialogue;
  readonly disk: string;
  /** Runs a command as root, on the second line; what it printed. Throws where its exit code is not 0. */
  sh(command: string): Promise<string>;
  /** Types a command there that ends this shell; the next one is waited for by the next `sh`. */
  shLast(command: string): Promise<void>;
  /** Runs a command again and again until its exit code is 0. */
  until(command: string): Promise<void>;
  /** What `rind ... --json` says. */
  rind(words: string): Promise<unknown>;
  /** Waits for the prompt on the console and logs in there; resolves when the shell waits for a command. */
  login(name: string, password: string): Promise<void>;
  /** When QEMU has ended: its exit code. */
  readonly ended: Promise<number | null>;
}

/** Boots before the first test of this file, and shows what was on the console when one fails. */
export function bootForTests(options: BootOptions = {}): () => Machine {
  let machine: Machine | undefined;
  const folder = mkdtempSync(join(tmpdir(), "rind-boot-test-"));
  let end: () => Promise<void> = async () => {};
  beforeAll(async () => {
    const booted = await boot(folder, options);
    machine = booted.machine;
    end = booted.end;
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(`the console:\n${machine?.console.seen}`);
  });
  afterAll(async () => {
    await end();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    if (machine === undefined) throw new Error("it was not booted");
    return machine;
  };
}

/** Resolves when both lines are there, which is before the kernel has started anything. */
async function boot(folder: string, { files = {}, words = [] }: BootOptions): Promise<{ machine: Machine; end: () => Promise<void> }> {
  const added = join(folder, "added");
  for (const [path, text] of Object.entries({ "etc/rind/flows/test-shell.toml": SHELL, ...files })) {
    mkdirSync(dirname(join(added, path)), { recursive: true });
    writeFileSync(join(added, path), text);
  }
  const disk = join(folder, "disk.img");
  const line = createServer().listen(join(folder, "ttyS1"));
  const given = ["--image", IMAGE, "--disk", disk, "--add", added, "--emulate", ...words];
  const qemu = spawn(process.execPath, [BOOT, ...given, "--", "-serial", `unix:${join(folder, "ttyS1")}`], { stdio: "pipe" });
  const ended = new Promise<number | null>((done) => qemu.once("exit", done));
  const serial = new LineDialogue("the console", qemu.stdout, qemu.stdin);
  // What QEMU has to say belongs there too.
  qemu.stderr.pipe(process.stderr, { end: false });
  const socket = await Promise.race([once(line, "connection").then(([it]) => it as unknown), ended]);
  line.close();
  if (!(socket instanceof Socket)) throw new Error("QEMU has ended before the machine has begun");
  const dialogue = new LineDialogue("the second line", socket, socket);
  let isShellThere = false;
  const shell = async (): Promise<LineDialogue> => {
    if (!isShellThere) await dialogue.waitFor(/the root shell of the tests[^]*?# /, SLOW_MS);
    isShellThere = true;
    return dialogue;
  };
  const sh = async (command: string): Promise<string> => {
    const { code, out } = await (await shell()).run(command, SLOW_MS);
    if (code !== 0) throw new Error(`${command} ended with ${code}:\n${out}`);
    return out;
  };
  const machine: Machine = {
    console: serial,
    disk,
    sh,
    async shLast(command) {
      (await shell()).type(`${command}\n`);
      isShellThere = false;
    },
    until: async (command) => void (await sh(`until ${command}; do sleep 0.1; done`)),
    rind: async (args) => JSON.parse(await sh(`rind ${args} --json`)) as unknown,
    async login(name, password) {
      await serial.waitFor(/login: /, SLOW_MS);
      serial.type(`${name}\n`);
      await serial.waitFor(/Password: /, SLOW_MS);
      serial.type(`${password}\n`);
      await serial.waitFor(/[$#] /, SLOW_MS);
      serial.type("stty cols 2000\n");
      await serial.waitFor(/[$#] /, SLOW_MS);
    },
    ended,
  };
  return {
    machine,
    async end() {
      qemu.kill();
      await ended;
      socket.destroy();
    },
  };
}

/** Whether the file system was unmounted in order, and what e2fsck(8) finds wrong with it (empty: nothing). */
export function checkDisk(path: string): { readonly isClean: boolean; readonly wrong: string } {
  const state = spawnSync("/sbin/dumpe2fs", ["-h", path], { encoding: "utf8" }).stdout;
  const { status, stdout } = spawnSync("/sbin/e2fsck", ["-n", "-f", path], { encoding: "utf8" });
  return { isClean: /^Filesystem state:\s+clean$/m.test(state) && !state.includes("needs_recovery"), wrong: status === 0 ? "" : stdout };
}
