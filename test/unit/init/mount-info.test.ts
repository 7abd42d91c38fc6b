import { expect, test } from "vitest";
import { parseMountInfo } from "../../../src/init/mount-info.ts";

test("mountinfo is read: blanks in names, optional fields, and what is read-only by itself or by its file system", () => {
  const text = [
    "22 1 254:1 / / rw,relatime shared:1 master:2 - ext4 /dev/root ro,discard",
    "23 22 0:21 / /mnt/a\\040b\\134c ro,nosuid - tmpfs none rw",
    "24 22 0:22 /sub /srv rw - 9p host rw,trans=virtio",
    "",
    "no mount at all",
  ].join("\n");
  expect(parseMountInfo(text)).toEqual([
    { target: "/", fstype: "ext4", readOnly: true },
    { target: "/mnt/a b\\c", fstype: "tmpfs", readOnly: true },
    { target: "/srv", fstype: "9p", readOnly: false },
  ]);
});
