/**
 * What the bench of boots boots: for each init a root file system of its own, an initramfs as that of the image, with the same busybox, the
 * same scripts and the same services. `node bench/boot/roots.mjs FOLDER` writes them there and prints, as json, the kernel, the machines
 * (`{ init, services, image, words }`) and what is left out and why.
 *
 * `RIND_BENCH_SERVICES`  how many services; default: 10,100
 * `RIND_BENCH_INITS`     only these, such as rind,busybox
 * `RIND_BENCH_DINIT`     folder of dinit, which Debian 12 does not have; without it that is left out
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeCpio } from "../../image/cpio.mjs";
import { buildExecutable } from "../../image/executable.mjs";
import { addBusybox } from "../../image/initramfs.mjs";
import { findKernel } from "../../image/kernel.mjs";
import { lackingPackages } from "../../image/lacking.mjs";
import { Tree } from "../../image/tree.mjs";
import { addOpenrc, fetchOpenrc, openrcWords } from "./openrc.mjs";

const ROOT = join(import.meta.dirname, "../..");
const FOLDERS = ["dev", "proc", "sys", "run", "tmp", "root", "var/log", "var/lib"];
const LONG = 1_000_000;

/** What `rind init` does by itself, for those who leave it to scripts. */
const GROUND = `#!/bin/sh
mount_at() { [ -d "$2" ] || mkdir "$2"; mount -t "$1" -o "$3" "$1" "$2"; }
[ -e /proc/mounts ] || mount_at proc /proc nosuid,nodev,noexec
mount_at sysfs /sys nosuid,nodev,noexec
mount_at devtmpfs /dev nosuid,mode=0755
mount_at devpts /dev/pts nosuid,noexec,gid=5,mode=0620,ptmxmode=0666
mount_at tmpfs /dev/shm nosuid,nodev,mode=1777
[ -d /run/openrc ] || mount_at tmpfs /run nosuid,nodev,mode=0755
mount_at cgroup2 /sys/fs/cgroup nosuid,nodev,noexec
ln -s /proc/self/fd /dev/fd
ln -s /proc/self/fd/0 /dev/stdin
ln -s /proc/self/fd/1 /dev/stdout
ln -s /proc/self/fd/2 /dev/stderr
hostname rind
ip link set lo up
`;

/**
 * What each init starts last. The end is the time of the last line "up": when it was written, all services had run. It ends the machine too.
 * A process that is forked, and is not yet what it is to become, is not counted.
 */
const up = (services) => `#!/bin/sh
while
  echo "rind-bench: up" > /dev/kmsg
  [ "$(pidof sleep | wc -w)" -lt ${services} ]
do :; done
dmesg | grep -E "Run .* as init process|rind-bench" > /dev/ttyS0
poweroff -f
`;

/** The services. Each sleeps another number of seconds: busybox init takes lines that are the same for one. */
const works = (services) => Array.from({ length: services }, (_, i) => ({ name: `work-${i + 1}`, seconds: LONG + i }));

const INITS = {
  rind: {
    words: "-- /usr/bin/rind init --quiet",
    async add(tree, services) {
      const executable = await buildExecutable();
      tree.program("usr/bin/rind", executable);
      tree.program("init", join(ROOT, "dist/rind-init"));
      for (const { name, seconds } of works(services))
        tree.file(`etc/rind/flows/${name}.toml`, `[[service]]\nname = "it"\nrun = "sleep ${seconds}"\nrestart = true\n`);
      tree.file("etc/rind/flows/bench.toml", '[[service]]\nname = "up"\nrun = "/bench/up"\nstart-on = ["rind@up"]\n');
    },
  },
  busybox: {
    words: "",
    add(tree, services) {
      tree.link("init", "usr/bin/busybox");
      const sleeps = works(services).map(({ seconds }) => `respawn:/bin/sleep ${seconds}`);
      const lines = ["sysinit:/bench/ground", ...sleeps, "respawn:/bench/up"];
      tree.file("etc/inittab", lines.map((line) => `::${line}\n`).join(""));
    },
  },
  openrc: {
    words: openrcWords,
    lack: fetchOpenrc,
    add: (tree, services) => addOpenrc(tree, { works: works(services), parallel: false }),
  },
  "openrc parallel": {
    words: openrcWords,
    lack: fetchOpenrc,
    add: (tree, services) => addOpenrc(tree, { works: works(services), parallel: true }),
  },
  dinit: {
    words: "-- --quiet",
    lack: () => {
      const folder = process.env.RIND_BENCH_DINIT;
      return folder !== undefined && existsSync(join(folder, "dinit")) ? undefined : "RIND_BENCH_DINIT names no folder of one";
    },
    add(tree, services) {
      tree.program("init", join(process.env.RIND_BENCH_DINIT, "dinit"));
      const service = (name, text) => tree.file(`etc/dinit.d/${name}`, text);
      service("boot", "type = internal\ndepends-on = up\n");
      service("ground", "type = scripted\ncommand = /bench/ground\n");
      for (const { name, seconds } of works(services))
        service(name, `type = process\ncommand = /bin/sleep ${seconds}\nrestart = true\ndepends-on = ground\n`);
      const needs = works(services).map(({ name }) => `depends-on = ${name}\n`);
      service("up", `type = scripted\ncommand = /bench/up\n${needs.join("")}`);
    },
  },
};

const [folder] = process.argv.slice(2);
const list = (value, others) => (value === undefined || value === "" ? others : value.split(","));
const counts = list(process.env.RIND_BENCH_SERVICES, ["10", "100"]).map(Number);
const wanted = list(process.env.RIND_BENCH_INITS, Object.keys(INITS));

const machines = [];
const leftOut = [];
const packages = lackingPackages();
if (packages.length > 0) leftOut.push({ init: "all", why: `not installed: ${packages.join(", ")}` });
else {
  for (const [init, { words, lack, add }] of Object.entries(INITS)) {
    if (!wanted.includes(init)) continue;
    const why = lack?.();
    if (why !== undefined) leftOut.push({ init, why });
    else for (const services of counts) machines.push({ init, services, words, image: await write(init, add, services) });
  }
}
console.log(JSON.stringify({ kernel: findKernel()?.path, machines, leftOut }));

async function write(init, add, services) {
  const tree = new Tree();
  for (const path of FOLDERS) tree.folder(path);
  tree.device("dev/console", 5, 1);
  // dinit opens it before it starts what mounts /dev
  tree.device("dev/null", 1, 3);
  addBusybox(tree);
  tree.link("usr/bin/poweroff", "busybox");
  tree.file("bench/ground", GROUND, { mode: 0o755 });
  tree.file("bench/up", up(services), { mode: 0o755 });
  await add(tree, services);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${init.replaceAll(/\W+/g, "-")}-${services}.cpio`);
  writeCpio(path, tree.entries);
  return path;
}
