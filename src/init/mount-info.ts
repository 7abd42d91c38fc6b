/** One file system in the tree: a line of `/proc/self/mountinfo`, see proc(5). */
export interface MountedAt {
  readonly target: string;
  readonly fstype: string;
  /** It, or the file system in it, can only be read. */
  readonly readOnly: boolean;
}

/** In the order of the kernel: what is mounted on or below something comes after that. Lines that cannot be read are left out. */
export function parseMountInfo(text: string): readonly MountedAt[] {
  return text.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ", 2);
    const [, , , , target, options] = before.split(" ");
    const [fstype = "", , superOptions = ""] = after.split(" ");
    if (target === undefined || options === undefined || fstype === "") return [];
    return [{ target: unescape(target), fstype, readOnly: isReadOnly(options) || isReadOnly(superOptions) }];
  });
}

function isReadOnly(options: string): boolean {
  return options.split(",", 1)[0] === "ro";
}

/** Blanks and the like stand as three octal digits. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
