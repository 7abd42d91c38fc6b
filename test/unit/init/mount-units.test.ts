import { expect, test } from "vitest";
import { mountUnits } from "../../../src/init/mount-units.ts";
import type { MountDecl } from "../../../src/model/unit-set.ts";
import { FakeMachine } from "./fake-machine.ts";

function mount(target: string, given: Partial<MountDecl> = {}): MountDecl {
  return {
    name: `m@${target.slice(1).replaceAll("/", "-")}`,
    source: "tmpfs",
    target,
    fstype: "tmpfs",
    flags: [],
    data: "",
    create: false,
    after: [],
    origin: undefined,
    ...given,
  };
}

function machine(): FakeMachine {
  const made = new FakeMachine();
  made.mounted = [{ target: "/proc", fstype: "proc" }];
  return made;
}

test("mounts are made in their order, and a target that is missing where that is asked for", async () => {
  const m = machine();
  const flaws = await mountUnits([mount("/a", { data: "size=1m" }), mount("/a/b", { create: true, flags: ["ro", "nosuid"] })], m.ground);
  expect(m.did).toEqual(["mount tmpfs /a size=1m", "mkdir /a/b", "mount tmpfs /a/b ro,nosuid"]);
  expect(flaws).toEqual([]);
});

test("what is mounted already is left alone, but for a remount", async () => {
  const m = machine();
  m.mounted.push({ target: "/", fstype: "ext4" }, { target: "/a", fstype: "ext4" });
  await mountUnits([mount("/a", { create: true }), mount("/", { flags: ["remount", "rw"] })], m.ground);
  expect(m.did).toEqual(["mount tmpfs / remount,rw"]);
});

test("a file is bound over a file, a folder over a folder", async () => {
  const m = machine();
  m.folders = ["/srv/folder"];
  const bind = { fstype: "", flags: ["bind"], create: true };
  await mountUnits([mount("/a/file", { ...bind, source: "/srv/file" }), mount("/a/folder", { ...bind, source: "/srv/folder" })], m.ground);
  expect(m.did).toEqual(["mkdir /a", "touch /a/file", "mount /a/file bind", "mkdir /a/folder", "mount /a/folder bind"]);
});

test("one that fails and one that never answers are told, and the rest is mounted", async () => {
  const m = machine();
  m.refuses = { "mount tmpfs /a": "ENODEV", "mount nfs /b": "hangs" };
  const flaws = await m.over(mountUnits([mount("/a"), mount("/b", { fstype: "nfs" }), mount("/c")], m.ground));
  expect(flaws).toEqual([
    { item: "m@a", message: "/a is not mounted: ENODEV" },
    { item: "m@b", message: "/b is not mounted: no answer after 30s" },
  ]);
  expect(m.mounted.map(({ target }) => target)).toEqual(["/proc", "/c"]);
});
