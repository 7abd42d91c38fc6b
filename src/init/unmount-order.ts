import type { MountedAt } from "./mount-info.ts";

/** File systems of the kernel itself: nothing of them is on a disk, and what is left to do needs some of them. */
const KERNEL_OWN = new Set([
  ..."proc sysfs devtmpfs devpts cgroup cgroup2 mqueue hugetlbfs debugfs tracefs securityfs configfs bpf pstore".split(" "),
  ..."efivarfs binfmt_misc autofs fusectl".split(" "),
]);
/** What is in these is lost in any case. */
const IN_MEMORY = new Set(["tmpfs", "ramfs", "rootfs"]);

/**
 * What of a machine that ends has to be unmounted, in this order: what was mounted last goes first. The root cannot go.
 * `ours`: of a container only this, as what else it sees may be the host's, and goes with its namespace; undefined: all.
 */
export function unmountOrder(mounted: readonly MountedAt[], ours: ReadonlySet<string> | undefined): readonly MountedAt[] {
  return mounted
    .filter(({ target, fstype }) => target !== "/" && (ours === undefined ? !KERNEL_OWN.has(fstype) : ours.has(target)))
    .toReversed();
}

/** Of what could not be unmounted, what can still be written to and would suffer when the machine goes away; the root is the last of it. */
export function stillWritable(mounted: readonly MountedAt[]): readonly MountedAt[] {
  // of several at the root the last one is what is seen
  const root = mounted.findLast(({ target }) => target === "/");
  return [...unmountOrder(mounted, undefined), ...(root === undefined ? [] : [root])].filter(
    ({ fstype, readOnly }) => !readOnly && !IN_MEMORY.has(fstype),
  );
}
