/**
 * Boots the image under QEMU, with its serial console in this terminal. `npm run boot`; Ctrl-A X ends QEMU at once, `poweroff` in an orderly way.
 *
 *   --image PATH    another image than the one that this builds first
 *   --kernel PATH   another kernel than the newest cloud kernel of Debian in /boot
 *   --disk PATH     where /var lies, an ext4 file system: made where it is missing; default: dist/image/disk.img
 *   --add FOLDER    its files lie over those of the image, such as FOLDER/etc/rind/flows/mine.toml
 *   --append WORDS  more words for the kernel
 *   --init WORDS    the command line of PID 1; default: "/usr/bin/rind init --quiet"
 *   --memory MIB    default: 1024
 *   --emulate       software emulation even where KVM could be used
 *   --no-reboot     a reboot ends QEMU too
 *   -- WORDS        more words for QEMU
 */
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeCpio } from "./cpio.mjs";
import { buildImage } from "./initramfs.mjs";
import { findKernel } from "./kernel.mjs";
import { lackingPackages } from "./lacking.mjs";
import { run } from "./run.mjs";
import { Tree } from "./tree.mjs";

const QEMU = "qemu-system-x86_64";
const KVM = ["-accel", "kvm", "-cpu", "host"];
const DISK = join(import.meta.dirname, "../dist/image/disk.img");
const DISK_SIZE = "128M";

const { values: options, positionals } = readOptions();

const kernel = options.kernel ?? findKernel()?.path;
const lacking = lackingPackages(kernel);
if (lacking.length > 0) {
  console.error(`what this needs is not here; in Debian it is in: ${lacking.join(" ")}`);
  process.exit(1);
}

const work = mkdtempSync(join(tmpdir(), "rind-boot-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
const image = withAdded(options.image ?? (await buildImage()));
if (!existsSync(options.disk)) makeDisk(options.disk);

const accelerated = !options.emulate && kvmWorks();
const qemu = spawn(
  QEMU,
  [
    ...["-nodefaults", "-display", "none", "-serial", "mon:stdio", "-m", options.memory],
    // The default processor has no RDRAND, and a start of Node waits a second for the kernel's random numbers. Emulated, a second processor makes all of it four times slower: a program that compiles itself as it runs keeps them waiting for each other.
    ...(accelerated ? [...KVM, "-smp", "2"] : ["-accel", "tcg", "-cpu", "max"]),
    ...["-kernel", kernel, "-initrd", image, "-append", `console=ttyS0 quiet ${options.append} -- ${options.init}`],
    // The kernel has what an NVMe disk and ext4 need built in. Without an option ROM the network card is not booted from.
    ...["-drive", `file=${options.disk},format=raw,if=none,id=disk`, "-device", "nvme,drive=disk,serial=rind"],
    ...["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="],
    ...(options["no-reboot"] ? ["-no-reboot"] : []),
    ...positionals,
  ],
  { stdio: "inherit" },
);
qemu.on("exit", (code) => process.exit(code ?? 1));
for (const killSignal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(killSignal, () => qemu.kill());

/** The kernel unpacks one archive after the other, as if they were one. */
function withAdded(image) {
  if (options.add === undefined) return image;
  const tree = new Tree();
  tree.copyFolder(options.add, "");
  const added = join(work, "added.cpio");
  writeCpio(added, tree.entries);
  const both = join(work, "image.cpio");
  copyFileSync(image, both);
  appendFileSync(both, readFileSync(added));
  return both;
}

function makeDisk(path) {
  const skeleton = join(work, "var");
  for (const folder of ["lib", "log"]) mkdirSync(join(skeleton, folder), { recursive: true });
  run("mkfs.ext4", ["-q", "-E", "root_owner=0:0", "-d", skeleton, path, DISK_SIZE]);
}

/** That there is a /dev/kvm says little: a machine that is never started tells. */
function kvmWorks() {
  const { status } = spawnSync(QEMU, [...KVM, "-nodefaults", "-display", "none", "-S", "-monitor", "stdio"], { input: "quit\n" });
  return status === 0;
}

function readOptions() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        image: { type: "string" },
        kernel: { type: "string" },
        disk: { type: "string", default: DISK },
        add: { type: "string" },
        append: { type: "string", default: "" },
        init: { type: "string", default: "/usr/bin/rind init --quiet" },
        memory: { type: "string", default: "1024" },
        emulate: { type: "boolean", default: false },
        "no-reboot": { type: "boolean", default: false },
      },
    });
  } catch (error) {
    console.error(`${error.message} (the options stand at the head of image/boot.mjs)`);
    process.exit(64);
  }
}
