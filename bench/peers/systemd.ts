import { existsSync, mkdirSync, readdirSync, rmdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lackOf } from "./found.ts";
import type { BenchService, Peer } from "./peer.ts";

const PROGRAM = "/usr/lib/systemd/systemd";
/** What its own services and its end refer to. */
const STOCK = ["basic.target", "shutdown.target", "exit.target", "systemd-exit.service"];
const STOCK_FOLDER = "/usr/lib/systemd/user";
/** The hierarchies that it may find its own group in: that of version 2, and with version 1 its named one and the unified one beside it. */
const HIERARCHIES = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"];

/**
 * `systemd --user` with no units but these. It runs only where /run says that the machine was booted with it, and takes the control group that it is
 * started in for its own: so it gets a /run of its own, in a mount namespace, and a group of its own. The host's stays out of it.
 */
export const systemd: Peer = {
  name: "systemd",
  unable: { log: "the service writes its file itself, or the journal has it" },
  lacking() {
    if (!existsSync(PROGRAM)) return "no systemd: Debian's package systemd";
    if (process.getuid?.() !== 0) return "a mount namespace and a control group for it need root";
    if (groupParents().length === 0) return "/sys/fs/cgroup has no hierarchy for it";
    return lackOf(["unshare", "mount"], "util-linux, mount");
  },
  prepare(folder, services) {
    const [units, runtime, ground] = [join(folder, "units"), join(folder, "runtime"), join(folder, "ground")];
    mkdirSync(join(units, "default.target.wants"), { recursive: true });
    mkdirSync(runtime, { mode: 0o700 });
    for (const name of STOCK) symlinkSync(join(STOCK_FOLDER, name), join(units, name));
    writeFileSync(join(units, "default.target"), "[Unit]\nRequires=basic.target\nAfter=basic.target\n");
    for (const service of services) {
      const file = `${service.name}.service`;
      writeFileSync(join(units, file), unit(service));
      symlinkSync(join(units, file), join(units, "default.target.wants", file));
    }
    const groups = groupParents().map((parent) => join(parent, `rind-bench-${process.pid}-${folder.split("/").at(-1)}`));
    writeFileSync(ground, groundScript(groups));
    const env = { HOME: folder, XDG_RUNTIME_DIR: runtime, SYSTEMD_UNIT_PATH: units };
    return {
      ground: ["unshare", "--mount", "sh", ground],
      start: { words: [PROGRAM, "--user", "--log-target=null"], env },
      stop: "SIGTERM",
      status: (service) => ({ words: ["systemctl", "--user", "status", "--lines=0", service], env }),
      root: (started) => started,
      clean: () => groups.map(removed).every(Boolean),
    };
  },
};

function unit({ words, oneshot = false, after }: BenchService): string {
  const order = after === undefined ? "" : `[Unit]\nRequires=${after}.service\nAfter=${after}.service\n`;
  const life = oneshot ? "Type=oneshot\nRemainAfterExit=yes" : "Restart=always\nRestartSec=0";
  return `${order || "[Unit]\n"}StartLimitIntervalSec=0\n[Service]\nExecStart=${words.join(" ")}\n${life}\n`;
}

function groundScript(groups: readonly string[]): string {
  const moves = groups.map((group) => `mkdir ${group} && echo $$ > ${group}/cgroup.procs`);
  return ["set -e", ...moves, "mount -t tmpfs tmpfs /run", "mkdir -p /run/systemd/system", 'exec "$@"'].join("\n");
}

function groupParents(): readonly string[] {
  return HIERARCHIES.filter((folder) => existsSync(join(folder, "cgroup.procs")));
}

/** From the innermost out: a group with others in it cannot be removed. False while one still has a process that has ended just now. */
function removed(group: string): boolean {
  if (!existsSync(group)) return true;
  const inner = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (!inner.map(({ name }) => removed(join(group, name))).every(Boolean)) return false;
  try {
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}
