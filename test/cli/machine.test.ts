import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readProcStat } from "../../src/lib/proc.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { project } from "./daemon-rig.ts";
import { bootRoot, consoleLines } from "./machine-rig.ts";

const SERVICE = '[[service]]\nname = "s"\nrun.shell = "exec sleep 300"\n';
const ENDS = (name: string, more = ""): string =>
  `[[service]]\nname = "${name}"\n${more}run.shell = "trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done"\nready.log = "up"\n`;
const MOUNT = (name: string, target: string, more = ""): string =>
  `[[mount]]\nname = "${name}"\ntarget = "${target}"\nfstype = "tmpfs"\ncreate = true\n${more}`;

test("poweroff, reboot and halt are for the init of a machine, and rind up is none", async () => {
  const p = project({ "flows/g.toml": SERVICE });
  await p.up();
  for (const action of ["poweroff", "reboot", "halt"]) {
    const { code, err } = await p.rind(action);
    expect(code).toBe(1);
    expect(err).toBe("rind: this daemon is not the init of a machine (rind down ends it)\n");
  }
});

describe.skipIf(!IS_ROOT)("a machine that Rind is the init of (these tests need root)", () => {
  test("it has what programs take for granted: file systems, its name, its loopback, a PATH", async () => {
    const machine = bootRoot({ "g.toml": SERVICE }, { files: { "etc/hostname": "saturn\n" } });
    await machine.said(/rind: up/);
    const { out } = await machine.sh(
      "cut -d' ' -f2,3 /proc/mounts; cat /proc/sys/kernel/hostname /sys/class/net/lo/operstate; readlink /dev/fd; ls -ld /run",
    );
    for (const mounted of ["/proc proc", "/sys sysfs", "/dev/pts devpts", "/dev/shm tmpfs", "/run tmpfs", "/sys/fs/cgroup cgroup2"])
      expect(out).toContain(`\n${mounted}\n`);
    expect(out).toMatch(/\nsaturn\nunknown\n\/proc\/self\/fd\ndrwxr-xr-x /);
    const pid = (JSON.parse(await machine.rind("status g@s --json")) as { pid: number }).pid;
    const env = (await machine.sh(`tr '\\0' '\\n' < /proc/${pid}/environ; readlink /proc/${pid}/cwd`)).out;
    expect(env).toMatch(/^PATH=\/usr\/local\/sbin:/m);
    expect(env).toMatch(/\n\/\n$/);
    expect(env).not.toMatch(/^(RIND_INIT|HOME)=/m);
  });

  test("mounts are there before the store is opened and before services start; poweroff stops these in order and unmounts those in reverse", async () => {
    const disk = tempFolder();
    const units = `${MOUNT("under", "/mnt/a", 'data = "size=1m"\n')}${MOUNT("over", "/mnt/a/b")}
[[mount]]
name = "state"
source = "/disk"
target = "/var/lib/rind"
flags = ["bind"]
create = true
[[state]]
name = "n"
payload = "string"
${ENDS("db")}${ENDS("api", 'requires = ["db"]\n')}
[[service]]
name = "sees"
type = "oneshot"
run.shell = "mountpoint /mnt/a/b"
`;
    const boot = () => bootRoot({ "g.toml": units }, { disk });
    const first = boot();
    await first.said(/rind: up/);
    expect(await first.rind("logs g@sees")).toContain("/mnt/a/b is a mountpoint");
    await first.rind("set g@n kept");
    await first.power("poweroff");
    expect(await first.ended).toBe(0);
    const said = first.out();
    expect(said.match(/g@(?:db|api): stopped/g)).toEqual(["g@api: stopped", "g@db: stopped"]);
    const lines = consoleLines(said);
    expect(lines.slice(lines.indexOf("up") + 1)).toEqual([
      "writing all disks",
      "unmounted /var/lib/rind",
      "unmounted /mnt/a/b",
      "unmounted /mnt/a",
      "powering off",
    ]);
    // a service that a client has set: beside the state
    mkdirSync(join(disk, "services"));
    writeFileSync(join(disk, "services", "set@x.toml"), '[[service]]\nname = "x"\nrun.shell = "exec sleep 300"\n');
    const second = boot();
    await second.said(/rind: up/);
    expect(await second.rind("get g@n")).toBe("kept\n");
    expect(JSON.parse(await second.rind("status set@x --json"))).toMatchObject({ phase: "running" });
  });

  test("N118, 104: a unit file with errors and a mount that fails are said on the console and in rind@degraded, and the rest boots", async () => {
    const machine = bootRoot({
      "g.toml": `${SERVICE}[[service]]\nname = "bad"\nrun.exec = 5\n[[mount]]\nname = "none"\ntarget = "/mnt/none"\nfstype = "nonesuch"\ncreate = true\n`,
      "broken.toml": "[[service\n",
    });
    await machine.said(/rind: up/);
    await machine.said(/g@s: ready/);
    expect(machine.out()).toMatch(/broken\.toml:1:/);
    expect(consoleLines(machine.out())).toEqual([
      expect.stringMatching(/^g@none: \/mnt\/none is not mounted: .*ENODEV/),
      "degraded, left out because of errors: /etc/rind/flows/broken.toml, g@bad",
      "up",
    ]);
    const degraded = await machine.rind("get rind@degraded");
    for (const item of ["broken.toml", '"g@bad"', '"g@none"']) expect(degraded).toContain(item);

    await expect(machine.rind("reload")).rejects.toThrow(/broken\.toml:1:/);
    await machine.write("/etc/rind/flows/broken.toml", "");
    await machine.write("/etc/rind/flows/g.toml", SERVICE);
    await machine.rind("reload");
    expect(await machine.rind("get rind@degraded")).toBe("");
  });

  test("a reload mounts what was added; what was taken away stays mounted, with a warning", async () => {
    const machine = bootRoot({ "g.toml": SERVICE + MOUNT("a", "/mnt/a") });
    await machine.said(/rind: up/);
    await machine.write("/etc/rind/flows/g.toml", SERVICE + MOUNT("b", "/mnt/b"));
    const { code, out, err } = await machine.sh("/usr/bin/node /rind/rind.js reload");
    expect(code).toBe(0);
    expect(out + err).toMatch(/mount g@a on \/mnt\/a is declared no more, and stays mounted until the machine ends/);
    expect((await machine.sh("mountpoint /mnt/a && mountpoint /mnt/b")).code).toBe(0);
    // both go at the end
    await machine.power("poweroff");
    await machine.ended;
    expect(consoleLines(machine.out())).toEqual(expect.arrayContaining(["unmounted /mnt/a", "unmounted /mnt/b"]));
  });

  test("the next daemon leaves alone what the one before it has mounted", async () => {
    const machine = bootRoot({ "g.toml": SERVICE + MOUNT("a", "/mnt/a") });
    await machine.said(/rind: up/);
    const from = machine.out().length;
    const { pid } = JSON.parse((await machine.sh("cat /proc/1/task/1/children | sed 's/^/{\"pid\":/;s/ .*/}/'")).out) as { pid: number };
    expect((await machine.sh(`kill -9 ${pid}`)).code).toBe(0);
    await machine.said(/rind: up/, from);
    expect((await machine.sh("grep -c /mnt/a /proc/mounts")).out).toBe("1\n");
  });

  test("rind down is refused, poweroff is said to be right", async () => {
    const machine = bootRoot({ "g.toml": SERVICE });
    await machine.said(/rind: up/);
    const { code, err } = await machine.sh("/usr/bin/node /rind/rind.js down");
    expect({ code, err }).toEqual({
      code: 1,
      err: "rind: this daemon is the init of the machine (rind poweroff, rind reboot or rind halt)\n",
    });
  });

  test("what no service has started is ended with the machine, and named", async () => {
    const machine = bootRoot({ "g.toml": SERVICE });
    await machine.said(/rind: up/);
    const login = machine.sh("exec sleep 301");
    await expect.poll(async () => (await machine.sh("pgrep -x sleep | wc -l")).out, { timeout: 10_000 }).toBe("2\n");
    await machine.power("halt");
    expect(await machine.ended).toBe(0);
    expect((await login).code).not.toBe(0);
    expect(consoleLines(machine.out())).toEqual(
      expect.arrayContaining([expect.stringMatching(/^ending what is left: .*sleep \(pid \d+\)/), "halted"]),
    );
  });

  test("reboot ends a container as its host expects it of one that wants to be started again", async () => {
    const machine = bootRoot({ "g.toml": ENDS("s") });
    await machine.said(/all services ready/);
    await machine.power("reboot");
    expect(await machine.ended).toBe(129);
    expect(machine.out()).toMatch(/g@s: stopped[^]*rind: rebooting/);
  });

  test.each([
    ["SIGINT", 129, "rebooting"],
    ["SIGTERM", 0, "powering off"],
    ["SIGPWR", 0, "powering off"],
  ] as const)("%s asks for what it is known for, in order", async (killSignal, code, last) => {
    const machine = bootRoot({ "g.toml": ENDS("s") });
    await machine.said(/all services ready/);
    process.kill(await machine.first(), killSignal);
    expect(await machine.ended).toBe(code);
    expect(machine.out()).toMatch(/g@s: stopped/);
    expect(consoleLines(machine.out()).at(-1)).toBe(last);
  });

  test.each(["poweroff --force", "SIGTERM"])("%s: in a hurry everything is killed at once", async (how) => {
    const stubborn = `[[service]]\nname = "s"\nstop-timeout = "5m"\nrun.shell = "trap 'echo ignored' TERM; echo up; while :; do sleep 0.05; done"\nready.log = "up"\n`;
    const machine = bootRoot({ "g.toml": `[settings]\nshutdown-timeout = "5m"\n${stubborn}` });
    await machine.said(/all services ready/);
    await machine.power("poweroff");
    await machine.said(/g@s: stopping/);
    if (how === "SIGTERM") {
      // PID 1 takes the first one for the first time that it is asked
      process.kill(await machine.first(), "SIGTERM");
    } else await machine.power(how);
    expect(await machine.ended).toBe(0);
    expect(consoleLines(machine.out()).at(-1)).toBe("powering off");
  });

  test("a critical service that fails for good ends in the emergency shell, when all else is stopped; it is started again when that is left", async () => {
    const critical = `[[service]]\nname = "db"\ncritical = true\nrestart = { max-retries = 1, delay-ms = 50 }\nrun.shell = "exec sleep 302"\n`;
    const machine = bootRoot({ "g.toml": critical + ENDS("other") }, { terminal: true });
    await machine.said(/all services ready/);
    const kill = "kill -9 $(pgrep -xf 'sleep 302')";
    await machine.sh(kill);
    await expect.poll(() => machine.rind("status g@db --json"), { timeout: 10_000 }).toMatch(/"running"[^]*"restarts": 1/);
    await machine.sh(kill);
    await machine.said(/critical service g@db failed: [^]*g@other: .*stopped[^]*rind-init: emergency shell/);
    const from = machine.out().length;
    machine.type("pgrep -xf 'sleep 302' || echo none runs; sleep 2; exit");
    await machine.said(/none runs[^]*rind: up[^]*all services ready/, from);
  });

  test("without a terminal a critical service that fails ends a container with the code of that", async () => {
    const machine = bootRoot({ "g.toml": '[[service]]\nname = "db"\ncritical = true\nrestart = false\nrun.shell = "exit 3"\n' });
    expect(await machine.ended).toBe(70);
    expect(consoleLines(machine.out()).at(-1)).toBe(
      "critical service g@db failed: exit code 3; everything is stopped for the emergency shell",
    );
  });

  test("SIGHUP reads the units anew, and refuses what has errors", async () => {
    const machine = bootRoot({ "g.toml": SERVICE });
    await machine.said(/rind: up/);
    await machine.write("/etc/rind/flows/h.toml", '[[service]]\nname = "t"\nrun.shell = "exec sleep 300"\n');
    process.kill(await machine.first(), "SIGHUP");
    await machine.said(/the units were read anew/);
    expect(JSON.parse(await machine.rind("status h@t --json"))).toMatchObject({ phase: "running" });
    await machine.write("/etc/rind/flows/h.toml", "[[service");
    process.kill(await machine.first(), "SIGHUP");
    await machine.said(/the units were not read anew: .*h\.toml:1/);
  });

  test("a startup program that fails opens no service and no door: the emergency shell is for that", async () => {
    const machine = bootRoot({ "g.toml": `[settings]\nstartup = { exec = "false" }\n${SERVICE}` });
    expect(await machine.ended).toBe(70);
    expect(machine.out()).toMatch(/rind: the startup program false failed, so nothing starts: exit code 1/);
    expect(machine.out()).not.toMatch(/g@s/);
  });

  test("without any service it waits, and a machine that has nothing to say is up", async () => {
    const machine = bootRoot({ "g.toml": "" });
    await machine.said(/there is nothing to run until a reload[^]*rind: up/);
    expect(readProcStat(await machine.first())?.state).toBe("S");
    await machine.power("poweroff");
    expect(await machine.ended).toBe(0);
  });

  test("a machine that is to end where nothing is to run powers off", async () => {
    const machine = bootRoot({ "g.toml": '[settings]\non-empty = "exit"\n' });
    expect(await machine.ended).toBe(0);
    expect(consoleLines(machine.out()).at(-1)).toBe("powering off");
  });

  test("where no state can be stored the machine comes up, and rind@degraded says so", async () => {
    const machine = bootRoot({ "g.toml": `${SERVICE}[[state]]\nname = "n"\n` }, { files: { "var/lib": "in the way\n" } });
    await machine.said(/rind: up/);
    await expect.poll(() => machine.rind("get rind@degraded"), { timeout: 10_000 }).toMatch(/"state-store".*not stored/);
    expect((await machine.sh("/usr/bin/node /rind/rind.js set g@n id=1")).code).toBe(1);
    expect(await machine.rind("get g@n")).toBe('{"id":"1"}\n');
    await machine.power("poweroff");
    expect(await machine.ended).toBe(0);
  });
});
