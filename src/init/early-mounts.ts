import type { MountCall } from "./machine.ts";
import type { MountedAt } from "./mount-info.ts";

const QUIET = ["nosuid", "nodev", "noexec"];

/** What every program on Linux takes for granted, in the order in which one needs the other. */
export const EARLY_MOUNTS: readonly MountCall[] = [
  { source: "proc", target: "/proc", fstype: "proc", flags: QUIET, data: "" },
  { source: "sysfs", target: "/sys", fstype: "sysfs", flags: QUIET, data: "" },
  { source: "devtmpfs", target: "/dev", fstype: "devtmpfs", flags: ["nosuid"], data: "mode=0755" },
  // 5 is the group tty wherever there is one
  { source: "devpts", target: "/dev/pts", fstype: "devpts", flags: ["nosuid", "noexec"], data: "gid=5,mode=0620,ptmxmode=0666" },
  { source: "tmpfs", target: "/dev/shm", fstype: "tmpfs", flags: ["nosuid", "nodev"], data: "mode=1777" },
  { source: "tmpfs", target: "/run", fstype: "tmpfs", flags: ["nosuid", "nodev"], data: "mode=0755" },
  { source: "cgroup2", target: "/sys/fs/cgroup", fstype: "cgroup2", flags: QUIET, data: "" },
];

/** What the kernel does not put into /dev by itself, and shells need. */
export const DEV_LINKS: readonly (readonly [path: string, to: string])[] = [
  ["/dev/fd", "/proc/self/fd"],
  ["/dev/stdin", "/proc/self/fd/0"],
  ["/dev/stdout", "/proc/self/fd/1"],
  ["/dev/stderr", "/proc/self/fd/2"],
];

/** Whether a file system is mounted at exactly this place. */
export function isMounted(target: string, mounted: readonly MountedAt[]): boolean {
  return mounted.some((at) => at.target === target);
}
