import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readChildren, readProcStat } from "../../src/lib/proc.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { AS_4711, type Container, container, server, task, WITH_FEW_RIGHTS } from "./container-rig.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { PROGRAM } from "./machine-rig.ts";

const WHO = 'id; echo "HOME=$HOME USER=$USER RUN=$XDG_RUNTIME_DIR"; pwd';

async function endsWell(it: Container): Promise<string> {
  expect(await it.ended).toBe(0);
  return it.out();
}

describe.skipIf(!IS_ROOT)("what a container with rind up as its entry point finds, and does without (these tests need root)", () => {
  test("without HOME, /etc/passwd, /etc/hosts and a runtime folder services run, with the environment of the container", async () => {
    const out = await endsWell(container(task("a", `${WHO}; env`), { entry: 'exec env A="of the container" EMPTY= "$@"' }));
    expect(out).toContain("g@a | uid=0 gid=0 groups=0\ng@a | HOME= USER= RUN=\ng@a | /app\n");
    const names = [...out.matchAll(/^g@a \| (\w+)=/gm)].map(([, name]) => name).filter((name) => name?.startsWith("RIND_") === false);
    // what `id` and `echo` print, and what the shells of this test add
    const printed = ["uid", "HOME", "NO_COLOR", "OLDPWD", "PWD"];
    expect(names.filter((name) => !printed.includes(name ?? "")).sort()).toEqual(["A", "EMPTY", "PATH"]);
    expect(out).toContain("g@a | A=of the container\n");
  });

  test("units come from the image's environment, and which services run from the command line", async () => {
    const it = container("", {
      files: { "srv/units/x.toml": task("a", "echo $RIND_SERVICE") + task("b", "echo $RIND_SERVICE") },
      entry: 'exec env RIND_UNITS_PATH=/srv/units "$@"',
      words: "up x@b",
    });
    const out = await endsWell(it);
    expect(out).toContain("x@b | x@b\n");
    expect(out).not.toContain("x@a |");
  });

  test("run.user by number needs no /etc/passwd: HOME is /, which is where it starts, and the group has the same number", async () => {
    const user = (name: string, more: string): string => task(name, WHO, more);
    const out = await endsWell(container(user("a", "run.user = 4711") + user("b", 'run.user = "4711"\nrun.group = 815')));
    expect(out).toContain("g@a | uid=4711 gid=4711 groups=4711\ng@a | HOME=/ USER=4711 RUN=/run/user/4711\ng@a | /\n");
    expect(out).toContain("g@b | uid=4711 gid=815 groups=815\n");
  });

  test("run.user by a name that the image does not know fails that service alone, and says so", async () => {
    const it = container(`${task("a", "id", 'run.user = "www-data"')}${server("s")}`);
    await it.said(/g@a: failed: user: there is no user "www-data" on this system/);
    await it.said(/g@s: ready/);
    expect(JSON.parse(await it.rind("status g@s --json"))).toMatchObject({ phase: "running" });
  });

  test("docker run --user: as somebody whom nobody knows, and who can write nowhere but in /tmp, it can be asked, and ends in order", async () => {
    const it = container(server("s"), { entry: `exec ${AS_4711} "$@"` });
    await it.said(/all services ready/);
    const { code, out } = await it.sh(`exec ${AS_4711} ${PROGRAM} status g@s --json`);
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ phase: "running" })]);
    expect(it.out()).toMatch(/nothing is stored: .*EACCES/);
    expect(it.out()).not.toContain('"stack"');
    await it.kill("SIGTERM");
    expect(await endsWell(it)).toMatch(/s ends/);
  });

  test("docker run --user: where there is no /tmp either, it runs without a control socket", async () => {
    const it = container(server("s"), { entry: `rmdir /tmp; exec ${AS_4711} "$@"` });
    await it.said(/nobody can reach this daemon: no right to make the control socket/);
    await it.said(/g@s: ready/);
    await it.kill("SIGTERM");
    expect(await endsWell(it)).toMatch(/s ends/);
  });

  test("without /proc what has a task to do does it, and ends", async () => {
    const it = container(task("a", "echo done"), { entry: 'umount /proc; exec "$@"' });
    expect(await endsWell(it)).toContain("g@a | done\n");
  });

  test("a control socket that was asked for and cannot be made is an error, with 77", async () => {
    const it = container(server("s"), { entry: `exec env RIND_SOCKET=/run/s ${AS_4711} "$@"` });
    expect(await it.ended).toBe(77);
  });

  test.each([
    ["/proc hides what is other users'", `mount -o remount,hidepid=2 /proc; exec ${AS_4711} "$@"`],
    [
      "cgroups can only be read",
      `G=/sys/fs/cgroup; mount -t tmpfs tmpfs /sys && mkdir -p $G && mount -t cgroup2 none $G && mount -o remount,bind,ro $G || exit; exec "$@"`,
    ],
    ["stdin is closed", 'exec "$@" <&-'],
    ["stdout is closed", 'exec "$@" >&-'],
    ["all three are closed", 'exec "$@" <&- >&- 2>&-'],
    ["its host name cannot be resolved", 'hostname nobody.example.invalid; exec "$@"'],
  ])("where %s, services run, what they leave behind is reaped, and SIGTERM ends them in order", async (_, entry) => {
    const disk = tempFolder();
    chmodSync(disk, 0o777);
    const code = "trap 'echo ended > /disk/ended; exit 0' TERM; ((exit 0) &); while :; do sleep 0.05; done";
    const it = container(`[[service]]\nname = "s"\nrun.shell = ${JSON.stringify(code)}\n`, { entry, disk });
    const phase = async (): Promise<string> => {
      const { out } = await it.sh(
        `socket=$(ls /run/rind/*.sock /tmp/rind-4711/*.sock 2>/dev/null); exec timeout 10 ${PROGRAM} --socket "$socket" status g@s --json`,
      );
      return out === "" ? "" : (JSON.parse(out) as { phase: string }).phase;
    };
    await expect.poll(phase, { timeout: 20_000 }).toBe("running");
    const first = await it.first();
    const zombies = (): number => readChildren({ pid: first, threads: 2 }).filter((pid) => readProcStat(pid)?.state === "Z").length;
    await expect.poll(zombies, { timeout: 10_000 }).toBe(0);
    await it.kill("SIGTERM");
    expect(await it.ended).toBe(0);
    expect(readFileSync(join(disk, "ended"), "utf8")).toBe("ended\n");
  });

  test("with the rights that docker leaves to root, rind init runs services as others, and a reboot ends the container with 0", async () => {
    const it = container(task("a", "id", "run.user = 4711"), { words: "init /app/flows", entry: `exec ${WITH_FEW_RIGHTS} "$@"` });
    await it.said(/rind: up/);
    expect(it.out()).toContain(
      "rind: no right to mount /sys, /dev/pts, /dev/shm, /run, /sys/fs/cgroup: the container has them as they are\n",
    );
    expect(it.out()).not.toContain("loopback");
    await it.said(/g@a: ended/);
    expect(await it.rind("logs g@a")).toMatch(/^uid=4711 gid=4711/);
    await it.power("reboot");
    expect(await endsWell(it)).toMatch(/the kernel refuses: .*; the container ends/);
  });

  test("with the rights that docker leaves to root, what a service of another user has left behind hears of the end too", async () => {
    const disk = tempFolder();
    chmodSync(disk, 0o777);
    const left = "trap 'echo ended > /disk/ended; exit 0' TERM; echo up; while :; do sleep 0.05; done";
    const it = container(
      `[[service]]\nname = "s"\nrun.user = 4711\nrun.shell = "(setsid sh /app/left &); exec sleep 300"\nready.log = "up"\n`,
      {
        entry: `exec ${WITH_FEW_RIGHTS} "$@"`,
        files: { "app/left": left },
        disk,
      },
    );
    await it.said(/all services ready/);
    await it.kill("SIGTERM");
    expect(await endsWell(it)).toMatch(/g@s: stopped/);
    expect(readFileSync(join(disk, "ended"), "utf8")).toBe("ended\n");
  });

  test("rind init as the entry point of a container: what is mounted stays, poweroff ends it with 0", async () => {
    const it = container(server("s"), { words: "init /app/flows" });
    await it.said(/rind: up/);
    expect((await it.sh("grep -c ' /proc proc ' /proc/mounts")).out).toBe("1\n");
    expect(await it.rind("status")).toContain("running");
    await it.power("poweroff");
    expect(await endsWell(it)).toMatch(/g@s: stopped/);
  });
});
