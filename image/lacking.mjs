/** Which packages of Debian are missing here to build the image and to boot it. Run by itself, it prints their names, one a line. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findKernel } from "./kernel.mjs";

const NEEDED = [
  ["busybox", "busybox-static"],
  ["mkfs.ext4", "e2fsprogs"],
  ["qemu-system-x86_64", "qemu-system-x86"],
];

/** `kernel`: undefined where none was given. */
export function lackingPackages(kernel = findKernel()?.path) {
  const folders = (process.env.PATH ?? "").split(":").concat("/usr/sbin", "/sbin");
  const lacking = NEEDED.filter(([program]) => !folders.some((folder) => existsSync(join(folder, program)))).map(([, name]) => name);
  return kernel === undefined ? [...lacking, "linux-image-cloud-amd64"] : lacking;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) for (const name of lackingPackages()) console.log(name);
