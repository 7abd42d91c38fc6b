import { readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Identity } from "../../../src/process/launcher.ts";
import { native, type Sys } from "../../../src/process/sys.ts";

import { NativeLauncher } from "../../../src/process/native-launcher.ts";

/** Makes the calls of the native part that tests make only in a namespace or a process of its own: `node program.mjs WORD`. Says what came of it. */
const sys = native();
if (sys === undefined) throw new Error("there is no native part");

const say = (text: string): void => void writeSync(1, `${text}\n`);

async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call();
    return "done";
  } catch (error) {
    return String((error as { readonly code?: unknown }).code ?? error);
  }
}

const PLAN = { instance: "web@api", program: "/bin/sh", args: ["-c", "exit 4"], env: {}, cwd: "/", stdin: undefined } as const;

/** Resolves with what became of the launch. */
function launched(identity: Identity): Promise<string> {
  return new Promise((resolve) => {
    new NativeLauncher(sys as Sys).launch(
      { ...PLAN, identity },
      {
        started: () => resolve("launched"),
        refused: ({ kind, message }) => resolve(`${kind}: ${message}`),
        output: () => {},
        exited: (exit) => say(JSON.stringify(exit)),
        outputEnded: () => {},
      },
    );
  });
}

const MS_RDONLY = 1;
const MS_NOSUID = 2;
const MS_REMOUNT = 32;

function mountsOn(folder: string): string {
  const line = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .findLast((text) => text.split(" ")[1] === folder);
  return line ?? "nothing";
}

const CALLS: Readonly<Record<string, (folder: string) => unknown>> = {
  async mount(folder) {
    await sys.mount("of-test", folder, "tmpfs", MS_NOSUID, "size=64k,mode=0710");
    say(mountsOn(folder));
    writeFileSync(`${folder}/file`, "");
    await sys.mount("", folder, "", MS_REMOUNT | MS_NOSUID | MS_RDONLY, "");
    say(await codeOf(() => writeFileSync(`${folder}/other`, "")));
    await sys.unmount(folder, 0);
    say(mountsOn(folder));
    say(await codeOf(() => sys.unmount(folder, 0)));
    say(await codeOf(() => sys.mount("none", folder, "no-such-type", 0, "")));
    say(await codeOf(() => sys.mount("none", `${folder}/none`, "tmpfs", 0, "")));
    await sys.sync();
  },
  hostname() {
    sys.setHostname("of-test.example");
    say(readFileSync("/proc/sys/kernel/hostname", "utf8").trim());
  },
  async interface() {
    const flags = (): string => readFileSync("/sys/class/net/lo/flags", "utf8").trim();
    await sys.mount("sysfs", "/sys", "sysfs", 0, "");
    say(flags());
    sys.interfaceUp("lo");
    say(flags());
    say(await codeOf(() => sys.interfaceUp("none0")));
    say(await codeOf(() => sys.interfaceUp("x".repeat(16))));
  },
  async kill() {
    const children = [1, 2, 3].map(() => spawn("sleep", ["300"], { detached: true, stdio: "ignore" }));
    const ends = children.map((child) => once(child, "exit"));
    say(String(sys.killAll("SIGKILL")));
    say(JSON.stringify((await Promise.all(ends)).map(([, killSignal]) => String(killSignal))));
    say(String(sys.killAll("SIGKILL")));
  },
  reboot: () => sys.reboot("reboot"),
  poweroff: () => sys.reboot("poweroff"),
  async exec() {
    say(String(process.pid));
    say(await codeOf(() => sys.exec("/no/such", ["x"], {})));
    say(/^SigIgn:\t(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "");
    process.on("SIGUSR1", () => {});
    sys.exec("/bin/sh", ["own name", "-c", 'echo $$ $0 "$A" "$*"; grep -E "^Sig(Blk|Ign|Cgt)" /proc/self/status', "x", "", "y"], {
      A: "b c",
    });
  },
  memory() {
    const fd = sys.openMemory("of-test");
    writeSync(fd, readFileSync("/bin/echo"));
    sys.exec(fd, ["echo", "from", "memory"], {});
  },
  async identity() {
    const [uid = 0, gid = 0] = [process.getuid?.(), process.getgid?.()];
    for (const identity of [
      { uid: 12_345, gid, groups: [] },
      { uid, gid, groups: [gid] },
    ]) {
      say(await launched(identity));
    }
  },
  async owner() {
    // Of a process that may be dumped these files have its own group, of any other that of root, see proc(5).
    const group = (): string => String(statSync("/proc/self/environ").gid);
    const before = group();
    const identity = { uid: 65_534, gid: 65_534, groups: [] };
    const what = await launched(identity);
    say(`${what} ${before} ${group()}`);
  },
};

const [, , word = "", folder = ""] = process.argv;
await CALLS[word]?.(folder);
