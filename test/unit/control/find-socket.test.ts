import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chooseProject, findSocket } from "../../../src/control/find-socket.ts";
import { projectSocket, type RunningProject, registerProject, runningProjects, unregisterProject } from "../../../src/control/projects.ts";
import { makeRuntimeFolder, runtimeFolder } from "../../../src/control/runtime-folder.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const uid = process.getuid?.() ?? 0;
const running = (project: string, cwd = project): RunningProject => ({ socket: `${project}.sock`, project, cwd, pid: process.pid });

function rig() {
  const home = realpathSync(tempFolder());
  const env = { XDG_RUNTIME_DIR: join(home, "run") };
  mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 });
  return {
    home,
    env,
    find: (cwd = home, option?: string, more: NodeJS.ProcessEnv = {}) => findSocket({ option, env: { ...env, ...more }, cwd, uid }),
    start(name: string, pid = process.pid) {
      const project = join(home, name);
      mkdirSync(project, { recursive: true });
      const it = { socket: projectSocket(project, env, uid), project, cwd: project, pid };
      registerProject(it, env, uid);
      return it;
    },
  };
}

test("--socket goes before RIND_SOCKET, and that before a running project", () => {
  const { home, find, start } = rig();
  start("app");
  const cwd = join(home, "app");
  expect(find(cwd, "my.sock", { RIND_SOCKET: "/tmp/env.sock" })).toBe(join(cwd, "my.sock"));
  expect(find(cwd, undefined, { RIND_SOCKET: "/tmp/env.sock" })).toBe("/tmp/env.sock");
  expect(find(cwd)).toMatch(/\/run\/rind\/app-[0-9a-f]{8}\.sock$/);
});

test("a project is found from the folders below it, the nearest first", () => {
  const { home, find, start } = rig();
  const outer = start("app");
  const inner = start("app/part");
  mkdirSync(join(home, "app/part/deep/er"), { recursive: true });
  expect(find(join(home, "app/part/deep/er"))).toBe(inner.socket);
  expect(find(join(home, "app"))).toBe(outer.socket);
});

test("a project is found through a symbolic link to its folder", () => {
  const { home, find, start } = rig();
  const app = start("app");
  symlinkSync(join(home, "app"), join(home, "link"));
  expect(find(join(home, "link"))).toBe(app.socket);
});

test("without a project it is the user's socket if there is one, else the system's", () => {
  const { env, find } = rig();
  expect(find()).toBe("/run/rind/rind.sock");
  mkdirSync(join(env.XDG_RUNTIME_DIR, "rind"));
  writeFileSync(join(env.XDG_RUNTIME_DIR, "rind", "rind.sock"), "");
  expect(find()).toBe(join(env.XDG_RUNTIME_DIR, "rind", "rind.sock"));
});

test("a project whose daemon has died is passed over", () => {
  const { home, env, find, start } = rig();
  start("app", 2 ** 22 + 1);
  expect(find(join(home, "app"))).toBe("/run/rind/rind.sock");
  expect(runningProjects(env, uid)).toEqual([]);
});

test("a registration that cannot be read is passed over", () => {
  const { home, env, find, start } = rig();
  const app = start("app");
  writeFileSync(join(env.XDG_RUNTIME_DIR, "rind", "broken.json"), '{"socket": ');
  writeFileSync(join(env.XDG_RUNTIME_DIR, "rind", "strange.json"), "[1]");
  expect(find(join(home, "app"))).toBe(app.socket);
});

test("unregistering takes away one's own registration and no other's", () => {
  const { env, start } = rig();
  const app = start("app");
  unregisterProject({ ...app, pid: 1 }, env, uid);
  expect(runningProjects(env, uid)).toEqual([app]);
  unregisterProject(app, env, uid);
  expect(runningProjects(env, uid)).toEqual([]);
});

test("registrations are for their owner's eyes", () => {
  const { env, start } = rig();
  const app = start("app");
  expect(lstatSync(join(env.XDG_RUNTIME_DIR, "rind")).mode & 0o777).toBe(0o700);
  expect(lstatSync(app.socket.replace(/\.sock$/, ".json")).mode & 0o777).toBe(0o600);
});

test("a runtime folder to which others may write is neither used nor believed", () => {
  const { home, env, find, start } = rig();
  start("app");
  const folder = join(env.XDG_RUNTIME_DIR, "rind");
  chmodSync(folder, 0o777);
  expect(find(join(home, "app"))).toBe("/run/rind/rind.sock");
  expect(() => makeRuntimeFolder(folder, uid)).toThrow(`the runtime folder ${folder} belongs to another user, or others may write to it`);
});

test.runIf(uid === 0)("a runtime folder of another user is neither used nor believed", () => {
  const { home, env, find, start } = rig();
  start("app");
  const folder = join(env.XDG_RUNTIME_DIR, "rind");
  expect(runningProjects(env, uid + 1)).toEqual([]);
  expect(findSocket({ option: undefined, env, cwd: join(home, "app"), uid: uid + 1 })).not.toMatch(/app-/);
  expect(() => makeRuntimeFolder(folder, uid + 1)).toThrow(/belongs to another user/);
  expect(find(join(home, "app"))).toMatch(/app-/);
});

test.runIf(uid === 0)("an XDG_RUNTIME_DIR of another user is none, as root has it from su", () => {
  const { home, env, find } = rig();
  mkdirSync(join(env.XDG_RUNTIME_DIR, "rind"));
  writeFileSync(join(env.XDG_RUNTIME_DIR, "rind", "rind.sock"), "");
  chownSync(env.XDG_RUNTIME_DIR, 4_711, 4_711);
  expect(find()).toBe("/run/rind/rind.sock");
  expect(runtimeFolder(env, uid)).not.toContain(home);
  expect(runtimeFolder(env, 4_711)).toBe(join(env.XDG_RUNTIME_DIR, "rind"));
});

test("the nearest project wins, the project's own folder before the one it was started in", () => {
  expect(chooseProject([running("/a"), running("/a/b")], "/a/b/c")?.project).toBe("/a/b");
  expect(chooseProject([running("/a/b", "/a"), running("/a")], "/a")?.project).toBe("/a");
  expect(chooseProject([running("/x/y", "/a/b")], "/a/b")?.project).toBe("/x/y");
  expect(chooseProject([running("/a/b")], "/a/bc")).toBeUndefined();
  expect(chooseProject([running("/a/..b")], "/a")).toBeUndefined();
});

test("two projects that were started in one folder must be told apart by --socket", () => {
  const both = [running("/a/x", "/a"), running("/a/y", "/a")];
  expect(() => chooseProject(both, "/a")).toThrow(expect.objectContaining({ exitCode: 64, hint: "say which with --socket PATH" }));
  expect(chooseProject(both, "/a/y")?.project).toBe("/a/y");
});

test("projects of one name have sockets of their own, and a long name still fits", () => {
  const env = { XDG_RUNTIME_DIR: "/run/user/1000" };
  expect(projectSocket("/a/app", env, 1000)).not.toBe(projectSocket("/b/app", env, 1000));
  expect(Buffer.byteLength(projectSocket(`/a/${"long".repeat(60)}`, env, 1000))).toBe(107);
  expect(projectSocket("/a/ä b/", env, 1000)).toMatch(/^\/run\/user\/1000\/rind\/__b-[0-9a-f]{8}\.sock$/);
});

test("a runtime folder that leaves no room for a socket is named as the mistake", () => {
  const env = { XDG_RUNTIME_DIR: `/${"deep/".repeat(25)}run` };
  expect(() => projectSocket("/a/app", env, 1000)).toThrow(/a unix socket may have 107/);
});

test.each([
  [{ XDG_RUNTIME_DIR: "/run/user/7" }, 7, "/run/user/7/rind"],
  [{ XDG_RUNTIME_DIR: "relative" }, 0, "/run/rind"],
  [{}, 0, "/run/rind"],
])("the runtime folder of %j and uid %i", (env, id, folder) => {
  expect(runtimeFolder(env, id)).toBe(folder);
});

test("an ordinary user without XDG_RUNTIME_DIR has a folder with their number", () => {
  expect(runtimeFolder({}, 1234)).toMatch(/\/rind-1234$/);
  expect(existsSync(runtimeFolder({}, 1234))).toBe(false);
});
