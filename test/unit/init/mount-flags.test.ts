import { expect, test } from "vitest";
import { mountSteps } from "../../../src/init/mount-flags.ts";

const RDONLY = 1;
const NOSUID = 2;
const REMOUNT = 32;
const BIND = 4_096;
const REC = 16_384;
const PRIVATE = 1 << 18;

test.each([
  { words: [], data: "", flags: [0], rest: "" },
  { words: ["defaults"], data: "mode=0755", flags: [0], rest: "mode=0755" },
  { words: ["ro", "nosuid"], data: "", flags: [RDONLY | NOSUID], rest: "" },
  { words: ["ro", "rw", "suid"], data: "", flags: [0], rest: "" },
  { words: ["ro", "size=10%", "mode=0700"], data: "nr_inodes=5", flags: [RDONLY], rest: "size=10%,mode=0700,nr_inodes=5" },
  { words: ["bind"], data: "", flags: [BIND], rest: "" },
  { words: ["rbind", "ro"], data: "", flags: [BIND | REC, BIND | REMOUNT | RDONLY], rest: "" },
  { words: ["remount", "bind", "ro"], data: "", flags: [REMOUNT | BIND | RDONLY], rest: "" },
  { words: ["bind", "rprivate"], data: "", flags: [BIND, PRIVATE | REC], rest: "" },
])("the words $words take the calls that mount(8) makes of them", ({ words, data, flags, rest }) => {
  expect(mountSteps(words, data)).toEqual({ flags, data: rest });
});
