import * as z from "zod";
import { list, table } from "./build.ts";
import { enabled, filledText, itemName, reference, text } from "./values.ts";

export const mount = table({
  name: itemName.optional().describe('Its name; default: its target with "-" for "/" ("/var/log": var-log), "root" for "/".'),
  source: filledText.optional().describe("Device, or folder with the flag bind; default: fstype, as tmpfs and its kin do not ask."),
  target: filledText.describe("Folder that it is mounted on."),
  fstype: filledText.optional().describe("Type of the file system, such as ext4 or tmpfs; not needed with the flags bind and remount."),
  flags: z
    .union([text, list(filledText, "words")], { error: "a list of words as in fstab, or a text with commas" })
    .optional()
    .describe("As in fstab: ro, nosuid, nodev, noexec, bind, ..."),
  data: text.prefault("").describe("What the file system itself takes, such as mode=0755,size=10%."),
  create: z.boolean({ error: "true or false" }).prefault(false).describe("true: makes the target where it is missing."),
  after: list(reference, "mounts").optional().describe("Mounts that go before it; those above its target do in any case."),
  enabled,
});

export type RawMount = z.output<typeof mount>;
