import { expect, test } from "vitest";
import { prepareMachine } from "../../../src/init/prepare-machine.ts";
import { FakeMachine } from "./fake-machine.ts";

const LINKS = [
  "link /dev/fd /proc/self/fd",
  "link /dev/stdin /proc/self/fd/0",
  "link /dev/stdout /proc/self/fd/1",
  "link /dev/stderr /proc/self/fd/2",
];

test("a bare kernel gets its file systems, each after what it lies on, its name and its loopback", async () => {
  const machine = new FakeMachine();
  machine.files["/etc/hostname"] = "# of this machine\n\n  saturn \n";
  await prepareMachine(machine.ground);
  expect(machine.did.filter((what) => !what.startsWith("mkdir"))).toEqual([
    "mount proc /proc nosuid,nodev,noexec",
    "mount sysfs /sys nosuid,nodev,noexec",
    "mount devtmpfs /dev nosuid mode=0755",
    "mount devpts /dev/pts nosuid,noexec gid=5,mode=0620,ptmxmode=0666",
    "mount tmpfs /dev/shm nosuid,nodev mode=1777",
    "mount tmpfs /run nosuid,nodev mode=0755",
    "mount cgroup2 /sys/fs/cgroup nosuid,nodev,noexec",
    ...LINKS,
    "hostname saturn",
    "up lo",
  ]);
  expect(machine.said).toEqual([]);
});

test("what is mounted already is left alone, and so is the name that the kernel has where there is no other", async () => {
  const machine = new FakeMachine();
  machine.mounted = ["/proc", "/sys", "/dev", "/dev/pts", "/dev/shm", "/run", "/sys/fs/cgroup"].map((target) => ({
    target,
    fstype: "any",
  }));
  await prepareMachine(machine.ground);
  machine.files["/etc/hostname"] = "saturn\n";
  machine.files["/proc/sys/kernel/hostname"] = "saturn\n";
  await prepareMachine(machine.ground);
  expect(new Set(machine.did)).toEqual(new Set([...LINKS, "up lo"]));
});

test("what fails is said on the console, and everything else is done", async () => {
  const machine = new FakeMachine();
  machine.files["/etc/hostname"] = "saturn\n";
  machine.refuses = { "mkdir /dev/shm": "EROFS", "hostname saturn": "EPERM", "up lo": "ENODEV" };
  await prepareMachine(machine.ground);
  expect(machine.said).toEqual([
    "/dev/shm cannot be mounted: EROFS",
    "the hostname cannot be set to saturn: EPERM",
    "the loopback interface cannot be brought up: ENODEV",
  ]);
  expect(machine.mounted.map(({ target }) => target)).toEqual(["/proc", "/sys", "/dev", "/dev/pts", "/run", "/sys/fs/cgroup"]);
});

test("a container that may mount nothing says so in one line, and leaves a loopback that is up", async () => {
  const machine = new FakeMachine();
  machine.whole = false;
  machine.mounted = ["/proc", "/dev", "/dev/pts"].map((target) => ({ target, fstype: "any" }));
  machine.up = ["lo"];
  machine.refuses = {
    "mount sysfs /sys nosuid,nodev,noexec": "EPERM",
    "mkdir /dev/shm": "EROFS",
    "mount tmpfs /run nosuid,nodev mode=0755": "EPERM",
  };
  await prepareMachine(machine.ground);
  expect(machine.said).toEqual(["/dev/shm cannot be mounted: EROFS", "no right to mount /sys, /run: the container has them as they are"]);
  expect(machine.did).not.toContain("up lo");
});

test("on a whole machine a mount that is refused is told like any other failure", async () => {
  const machine = new FakeMachine();
  machine.refuses = { "mount tmpfs /run nosuid,nodev mode=0755": "EPERM" };
  await prepareMachine(machine.ground);
  expect(machine.said).toEqual(["/run cannot be mounted: EPERM"]);
});
