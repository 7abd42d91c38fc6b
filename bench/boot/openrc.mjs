/** OpenRC out of Debian's packages, which need not be installed: beside another init they cannot be. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const PACKAGES = ["openrc", "libeinfo1", "librc1"];
const FOLDER = join(import.meta.dirname, "../../dist/openrc");
const LIBRARIES = "lib/x86_64-linux-gnu";

/** Nothing on the console, as with the others. */
export const openrcWords = "EINFO_QUIET=yes";

/** Unpacks it once; answers what keeps it from being used. */
export function fetchOpenrc() {
  if (existsSync(FOLDER)) return undefined;
  const fresh = `${FOLDER}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    const calls = [
      ["apt-get", ["download", ...PACKAGES]],
      ["sh", ["-c", 'for package in ./*.deb; do dpkg-deb -x "$package" root || exit 1; done']],
    ];
    for (const [program, args] of calls) {
      const { status, stderr, error } = spawnSync(program, args, { cwd: fresh, encoding: "utf8" });
      if (status !== 0) return `its packages cannot be had: ${error?.message ?? stderr.trim().split("\n").at(-1)}`;
    }
    renameSync(join(fresh, "root"), FOLDER);
    return undefined;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

export function addOpenrc(tree, { works, parallel }) {
  for (const name of readdirSync(join(FOLDER, "sbin"))) tree.program(`sbin/${name}`, join(FOLDER, "sbin", name));
  for (const name of readdirSync(join(FOLDER, LIBRARIES)))
    if (/^lib.*\.so/.test(name)) tree.program(join(LIBRARIES, name), join(FOLDER, LIBRARIES, name));
  tree.copyFolder(join(FOLDER, "lib/rc"), "lib/rc");
  tree.link("init", "sbin/openrc-init");
  // it complains of each that is missing, again and again, and the console is slow
  tree.file("etc/insserv.conf", "");
  tree.folder("etc/insserv.conf.d");
  tree.file("etc/fstab", "");
  tree.file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
  tree.file("etc/group", "root:x:0:\nuucp:x:10:\n");
  tree.file("etc/rc.conf", `rc_parallel="${parallel ? "YES" : "NO"}"\n`);
  for (const level of ["sysinit", "boot", "default"]) tree.folder(`etc/runlevels/${level}`);
  const service = (level, name, text) => {
    tree.file(`etc/init.d/${name}`, `#!/sbin/openrc-run\n${text}`, { mode: 0o755 });
    tree.link(`etc/runlevels/${level}/${name}`, `/etc/init.d/${name}`);
  };
  service("sysinit", "ground", "start() { /bench/ground; }\n");
  for (const { name, seconds } of works)
    service("default", name, `supervisor=supervise-daemon\ncommand=/bin/sleep\ncommand_args=${seconds}\npidfile=/run/${name}.pid\n`);
  service("default", "up", "depend() { after *; }\nstart() { /bench/up; }\n");
}
