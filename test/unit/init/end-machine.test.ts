import { expect, test } from "vitest";
import { endMachine } from "../../../src/init/end-machine.ts";
import type { PowerAction } from "../../../src/model/power.ts";
import { FakeMachine } from "./fake-machine.ts";

const ROOT = { target: "/", fstype: "ext4" };
const EARLY = [ROOT, { target: "/proc", fstype: "proc" }, { target: "/dev", fstype: "devtmpfs" }, { target: "/run", fstype: "tmpfs" }];

function machine(): FakeMachine {
  const made = new FakeMachine();
  made.mounted = [...EARLY, { target: "/var", fstype: "ext4" }, { target: "/var/lib", fstype: "ext4" }];
  return made;
}

function end(m: FakeMachine, given: { action?: PowerAction; ours?: ReadonlySet<string>; forced?: boolean } = {}): Promise<boolean> {
  const { action = "poweroff", ours = new Set(), forced = false } = given;
  return m.over(endMachine({ ...m.ground, action, ours, forced: forced ? AbortSignal.abort() : new AbortController().signal }));
}

test.each([
  { action: "poweroff", last: "powering off" },
  { action: "reboot", last: "rebooting" },
  { action: "halt", last: "halted" },
] as const)(
  "$action: disks are written, file systems unmounted in the reverse of their order, the root made read-only; each step is said",
  async ({ action, last }) => {
    const m = machine();
    m.files["/proc/swaps"] = "Filename\t\t\t\tType\t\tSize\n/dev/sda2                               partition\t1048572\n";
    expect(await end(m, { action })).toBe(true);
    expect(m.did).toEqual([
      "sync",
      "swapoff /dev/sda2",
      "umount /var/lib",
      "umount /var",
      "umount /run",
      "mount / remount,ro",
      "sync",
      action,
    ]);
    expect(m.said).toEqual([
      "writing all disks",
      "no longer swapping to /dev/sda2",
      "unmounted /var/lib",
      "unmounted /var",
      "unmounted /run",
      "/ can only be read now",
      "writing all disks",
      last,
    ]);
  },
);

test("what is left is asked to end, and killed when it has not after 5 seconds", async () => {
  const m = machine();
  m.processes = [
    { name: "polite (pid 7)", endsBy: "SIGTERM" },
    { name: "stubborn (pid 8)", endsBy: "SIGKILL" },
  ];
  const killed: number[] = [];
  const killAll = m.killAll.bind(m);
  m.killAll = (killSignal) => {
    killed.push(m.clock.now());
    killAll(killSignal);
  };
  await end(m);
  expect(m.did.slice(0, 3)).toEqual(["SIGTERM", "SIGKILL", "sync"]);
  expect((killed[1] ?? 0) - (killed[0] ?? 0)).toBe(5_000);
  expect(m.said.slice(0, 2)).toEqual(["ending what is left: polite (pid 7), stubborn (pid 8)", "killing what is left: stubborn (pid 8)"]);
});

test("who ends by itself at once, as who has asked for the end, is not hurried", async () => {
  const m = machine();
  m.processes = [{ name: "rind (pid 7)", endsBy: "nothing" }];
  m.clock.setTimeout(() => {
    m.processes = [];
  }, 300);
  await end(m);
  expect(m.did[0]).toBe("sync");
});

test("where all that is left ends when it is asked to, nothing is killed", async () => {
  const m = machine();
  m.processes = [{ name: "polite (pid 7)", endsBy: "SIGTERM" }];
  await end(m);
  expect(m.did.slice(0, 2)).toEqual(["SIGTERM", "sync"]);
});

test("a hurry kills at once, and what cannot be killed holds nothing up", async () => {
  const m = machine();
  m.processes = [{ name: "stuck (pid 9)", endsBy: "nothing" }];
  expect(await end(m, { forced: true })).toBe(true);
  expect(m.did.slice(0, 2)).toEqual(["SIGKILL", "sync"]);
  expect(m.said).toContain("cannot be killed: stuck (pid 9)");
});

test("what is busy is tried again when what lies on it is gone, and else made read-only", async () => {
  const m = machine();
  m.refuses = { "umount /var": "EBUSY", "umount /run": "EBUSY" };
  await end(m);
  expect(m.did.filter((what) => what === "umount /var").length).toBe(2);
  // nothing of what is in memory is worth keeping
  expect(m.did.filter((what) => what.startsWith("mount"))).toEqual(["mount /var remount,ro", "mount / remount,ro"]);
  expect(m.said).toContain("/var stays mounted: EBUSY");
});

test("a disk that never answers holds up no step for ever, and the machine ends", async () => {
  const m = machine();
  m.refuses = { sync: "hangs", "umount /var/lib": "hangs", "mount / remount,ro": "hangs" };
  m.files["/proc/meminfo"] = "Dirty:               120 kB\nWriteback:             8 kB\n";
  expect(await end(m)).toBe(true);
  expect(m.did.at(-1)).toBe("poweroff");
  expect(m.did.filter((what) => what === "umount /var/lib").length).toBe(1);
  expect(m.said).toEqual(
    expect.arrayContaining([
      "128 kB cannot be written, and are lost",
      "/var/lib stays mounted: no answer after 10s",
      "/ can still be written to: no answer after 10s",
    ]),
  );
});

test("a disk that is slow is waited for as long as it writes", async () => {
  const m = machine();
  let dirty = 1_000;
  const slow = new Promise<void>((resolve) => {
    const look = (): void => {
      dirty -= 1;
      m.files["/proc/meminfo"] = `Dirty: ${dirty} kB\n`;
      if (dirty > 900) m.clock.setTimeout(look, 5_000);
      else resolve();
    };
    look();
  });
  m.sync = () => slow;
  await end(m);
  expect(dirty).toBe(900);
  expect(m.said.join()).not.toMatch(/lost/);
});

test("of a container only what units have had mounted is unmounted, and nothing is made read-only: the rest may be the host's", async () => {
  const m = machine();
  m.whole = false;
  m.refuses = { "umount /var": "EBUSY" };
  m.files["/proc/swaps"] = "Filename\n/dev/sda2 partition\n";
  expect(await end(m, { ours: new Set(["/var", "/var/lib"]) })).toBe(true);
  expect(new Set(m.did)).toEqual(new Set(["sync", "umount /var/lib", "umount /var"]));
});

test("a container is ended by its PID 1, but for a reboot: that is what its host has to hear", async () => {
  const m = machine();
  m.whole = false;
  await end(m, { action: "halt" });
  await end(m, { action: "reboot" });
  expect(m.did).toEqual(["sync", "sync", "reboot"]);
});

test("a container that has no right to a reboot ends all the same: whoever has started it starts it anew", async () => {
  const m = machine();
  m.whole = false;
  m.refuses = { reboot: "EPERM" };
  expect(await end(m, { action: "reboot" })).toBe(true);
  expect(m.said.at(-1)).toBe("the kernel refuses: EPERM; the container ends");
});

test("a kernel that refuses is told on the console, and to PID 1", async () => {
  const m = machine();
  m.refuses = { reboot: "EPERM" };
  expect(await end(m, { action: "reboot" })).toBe(false);
  expect(m.said.at(-1)).toBe("the kernel refuses: EPERM");
});
