/**
 * Writes an archive that the kernel unpacks into its first file system: cpio, format "newc", see
 * https://docs.kernel.org/driver-api/early-userspace/buffer-format.html. An own writer, because to put a device or a file of root's into it
 * then takes no rights.
 */
import { closeSync, openSync, writeSync } from "node:fs";

const KINDS = { folder: 0o040000, file: 0o100000, link: 0o120000, device: 0o020000 };

/** `entries`: `{ path, kind, mode, owner, content, device: [major, minor] }`, a folder before what is in it; `owner` is user and group. */
export function writeCpio(target, entries) {
  const fd = openSync(target, "w");
  try {
    entries.forEach((entry, index) => writeEntry(fd, index + 1, entry));
    writeEntry(fd, 0, { path: "TRAILER!!!", mode: 0 });
  } finally {
    closeSync(fd);
  }
}

function writeEntry(fd, number, { path, kind, mode, owner = 0, content = Buffer.alloc(0), device: [major, minor] = [0, 0] }) {
  const name = Buffer.from(`${path}\0`);
  // number, mode, owner, group, links, time, size, the device it lies on (2), the device it is (2), length of the name, checksum
  const fields = [number, (KINDS[kind] ?? 0) | mode, owner, owner, 1, 0, content.length, 0, 0, major, minor, name.length, 0];
  const head = fields.map((field) => field.toString(16).padStart(8, "0")).join("");
  writePadded(fd, Buffer.concat([Buffer.from(`070701${head}`), name]));
  writePadded(fd, content);
}

function writePadded(fd, bytes) {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  const missing = -bytes.length & 3;
  if (missing > 0) writeSync(fd, Buffer.alloc(missing));
}
