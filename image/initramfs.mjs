/**
 * Builds `dist/image/rind.cpio`: a whole machine, which the kernel unpacks into memory and runs. `npm run build:image`
 *
 * In it: the single executable, busybox, login(1) with PAM, the libraries that these need, `flows/system/` as /etc/rind/flows, what is in
 * `image/root/`, and the kernel's modules for a network card under QEMU. No Node, no npm, nothing of this project but the executable.
 * It is not compressed: a machine without KVM reads it faster than it unpacks it.
 */
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeCpio } from "./cpio.mjs";
import { buildExecutable } from "./executable.mjs";
import { findKernel, modulesOf } from "./kernel.mjs";
import { run } from "./run.mjs";
import { librariesOf, Tree } from "./tree.mjs";

const ROOT = join(import.meta.dirname, "..");
const FILES = join(ROOT, "image/root");
const TARGET = join(ROOT, "dist/image/rind.cpio");

const FOLDERS = ["dev", "proc", "sys", "run", "mnt", "var"];
const GUEST = 1000;

const BUSYBOX = ["/bin/busybox", "/usr/bin/busybox"];
/** Commands of busybox that something else in the image does. */
const NOT_BUSYBOX = new Set(["busybox", "halt", "init", "linuxrc", "login", "poweroff", "reboot"]);
const PAM_MODULES = ["pam_unix.so", "pam_exec.so", "pam_deny.so"];
const KERNEL_MODULES = ["virtio_net", "virtio_pci"];

/** Path of the image. */
export async function buildImage() {
  const executable = await buildExecutable();
  const tree = new Tree();
  for (const path of FOLDERS) tree.folder(path);
  tree.folder("tmp", { mode: 0o1777 });
  tree.folder("root", { mode: 0o700 });
  tree.folder("home", { mode: 0o700, owner: GUEST });
  tree.link("etc/mtab", "../proc/self/mounts");
  // The kernel opens it for its first process before anything is mounted.
  tree.device("dev/console", 5, 1);
  tree.copyFolder(FILES, "");
  tree.file("etc/shadow", readFileSync(join(FILES, "etc/shadow")), { mode: 0o600 });
  tree.copyFolder(join(ROOT, "flows/system"), "etc/rind/flows");
  addBusybox(tree);
  addLogin(tree);
  addKernelModules(tree);
  tree.program("usr/bin/rind", executable);
  // The kernel starts what is in the executable too (init=/usr/bin/rind), at the price of one more start of Node.
  tree.program("init", join(ROOT, "dist/rind-init"));

  mkdirSync(dirname(TARGET), { recursive: true });
  const fresh = `${TARGET}.${process.pid}`;
  writeCpio(fresh, tree.entries);
  renameSync(fresh, TARGET);
  return TARGET;
}

export function addBusybox(tree) {
  const busybox = BUSYBOX.find((path) => existsSync(path));
  if (busybox === undefined) throw new Error("there is no busybox here (Debian: package busybox-static)");
  tree.program("usr/bin/busybox", busybox);
  const commands = run(busybox, ["--list"]).split("\n");
  for (const name of commands) if (name !== "" && !NOT_BUSYBOX.has(name)) tree.link(`usr/bin/${name}`, "busybox");
}

/** Not that of busybox: Debian's has neither PAM nor anything else that would tell of a login and of its end. */
function addLogin(tree) {
  tree.program("usr/bin/login", "/bin/login");
  const pam = librariesOf("/bin/login").find((path) => basename(path).startsWith("libpam.so"));
  if (pam === undefined) throw new Error("/bin/login has no PAM (Debian: package login)");
  for (const name of PAM_MODULES) {
    const path = join(dirname(pam), "security", name);
    tree.program(path.slice(1), path);
  }
}

function addKernelModules(tree) {
  const kernel = findKernel();
  if (kernel === undefined) return;
  const folder = `lib/modules/${kernel.release}`;
  const { paths, dependencies } = modulesOf(`/${folder}`, KERNEL_MODULES);
  for (const path of paths) tree.program(`${folder}/${path}`, `/${folder}/${path}`);
  tree.file(`${folder}/modules.dep`, dependencies);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await buildImage());
