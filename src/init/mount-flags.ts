const MS_REMOUNT = 32;
const MS_BIND = 4_096;
const MS_REC = 16_384;

/** The words of fstab(5) that mount(2) takes as numbers, see `<linux/mount.h>`; below 0: it is taken away again. */
const FLAGS: ReadonlyMap<string, number> = new Map([
  ["defaults", 0],
  ["ro", 1],
  ["rw", -1],
  ["nosuid", 2],
  ["suid", -2],
  ["nodev", 4],
  ["dev", -4],
  ["noexec", 8],
  ["exec", -8],
  ["sync", 16],
  ["async", -16],
  ["remount", MS_REMOUNT],
  ["mand", 64],
  ["nomand", -64],
  ["dirsync", 128],
  ["nosymfollow", 256],
  ["symfollow", -256],
  ["noatime", 1_024],
  ["atime", -1_024],
  ["nodiratime", 2_048],
  ["diratime", -2_048],
  ["bind", MS_BIND],
  ["rbind", MS_BIND | MS_REC],
  ["silent", 32_768],
  ["loud", -32_768],
  ["relatime", 1 << 21],
  ["norelatime", -(1 << 21)],
  ["strictatime", 1 << 24],
  ["nostrictatime", -(1 << 24)],
  ["lazytime", 1 << 25],
  ["nolazytime", -(1 << 25)],
]);

/** Whether what is mounted below it here and elsewhere is seen in both. */
const PROPAGATION: ReadonlyMap<string, number> = new Map(
  ["unbindable", "private", "slave", "shared"].flatMap((word, at): [string, number][] => [
    [word, 1 << (17 + at)],
    [`r${word}`, (1 << (17 + at)) | MS_REC],
  ]),
);

/** What is asked of the kernel: a call for each of `flags`, in this order. */
export interface MountSteps {
  readonly flags: readonly number[];
  /** What the file system itself takes. */
  readonly data: string;
}

/**
 * The words of `flags`, as mount(8) has them: what is no flag goes to the file system; a bind takes its own flags only when it is there, and any
 * mount its propagation.
 */
export function mountSteps(words: readonly string[], data: string): MountSteps {
  let flags = 0;
  const then: number[] = [];
  const own: string[] = [];
  for (const word of words) {
    const flag = FLAGS.get(word);
    const propagation = PROPAGATION.get(word);
    if (propagation !== undefined) then.push(propagation);
    else if (flag === undefined) own.push(word);
    else if (flag < 0) flags &= ~-flag;
    else flags |= flag;
  }
  if (data !== "") own.push(data);
  const beside = flags & ~(MS_BIND | MS_REC);
  const isLateBind = isBind(words) && beside !== 0 && (flags & MS_REMOUNT) === 0;
  const first = isLateBind ? [flags & ~beside, MS_BIND | MS_REMOUNT | beside] : [flags];
  return { flags: [...first, ...then], data: own.join(",") };
}

export function isBind(words: readonly string[]): boolean {
  return words.includes("bind") || words.includes("rbind");
}
