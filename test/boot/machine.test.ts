import { describe, expect, test } from "vitest";
import { lackOfMachine } from "./lack-of-machine.ts";
import type { LineDialogue } from "./line-dialogue.ts";
import { bootForTests, checkDisk, SLOW_MS } from "./machine.ts";

const lack = lackOfMachine();

/** A state that is kept, for the one who looks for it after a reboot. */
const KEPT = `[[state]]
name = "note"
payload = "string"
`;

/** What does not run when the machine is up and nobody is logged in. */
const IDLE = ["network@driver exited", "rind@user-units inactive", "session@agent inactive"];

const GUESTS_ENVIRONMENT = ["HOME=/home", "USER=guest", "LOGNAME=guest", "SHELL=/bin/sh", "XDG_RUNTIME_DIR=/run/user/1000"];

/** Prints the pid of the daemon, which PID 1 has on its own command line. */
const DAEMON = "ps -o pid,args | grep -v rind-init | grep '/usr/bin/[r]ind init' | awk '{ print $1 }'";

describe.skipIf(lack !== undefined)(`a machine with Rind as its init${lack === undefined ? "" : ` (${lack})`}`, () => {
  const machine = bootForTests({ files: { "etc/rind/flows/kept.toml": KEPT }, words: ["--append", "panic=-1"] });

  const isUp = `rind get rind@up --json | grep -q null`;
  const services = async (): Promise<{ name: string; phase: string; pid: number | null }[]> => {
    const listed = (await machine().rind("list")) as { services: { name: string; phase: string; pid: number | null }[] };
    return listed.services;
  };
  const idle = async (): Promise<string[]> =>
    (await services()).filter(({ phase }) => phase !== "running").map(({ name, phase }) => `${name} ${phase}`);
  /** Does something while guest is logged in on the console. */
  const asGuest = async <T>(act: (console: LineDialogue) => Promise<T>): Promise<T> => {
    const { console, login } = machine();
    await login("guest", "guest");
    try {
      return await act(console);
    } finally {
      console.type("exit\n");
    }
  };

  test("boots to rind@up with every service of the image running, and nothing else in it but the executable", async () => {
    const { sh, until, rind } = machine();
    await until(isUp);
    expect(await idle()).toEqual(IDLE);
    expect(await rind("get rind@degraded")).toEqual([]);
    expect(await sh("cat /proc/1/comm; find / -xdev -name '*.js' -o -xdev -name node -o -xdev -name npm")).toBe("rind-init");
  });

  test("mounts what a machine needs, has its name, and the loopback interface", async () => {
    const { sh } = machine();
    const mounts = await sh("cut -d ' ' -f 2,3 /proc/mounts");
    for (const mount of [
      "/proc proc",
      "/sys sysfs",
      "/dev devtmpfs",
      "/dev/pts devpts",
      "/dev/shm tmpfs",
      "/run tmpfs",
      "/sys/fs/cgroup cgroup2",
      "/var ext4",
      "/tmp tmpfs",
    ])
      expect(mounts.split("\n")).toContain(mount);
    expect(await sh("hostname; cat /sys/class/net/lo/flags")).toBe("rind\n0x9");
    expect(await sh("wget -q -O - http://127.0.0.1:8080")).toBe("<h1>Rind runs</h1>");
  });

  test("a login on the console starts the services of that user, as that user, and the logout ends them", async () => {
    const { rind, sh, until } = machine();
    const pid = await asGuest(async () => {
      await until("rind get rind@user-login --json | grep -q guest");
      expect(await rind("get rind@user-session")).toMatchObject([{ username: "guest", runtime_dir: "/run/user/1000" }]);
      await until("rind status session@agent/guest | grep -q running");
      const agent = (await services()).find(({ name }) => name === "session@agent/guest")?.pid;
      expect(await sh(`awk '/^(Uid|Gid|Groups):/ { $1 = $1; print }' /proc/${agent}/status`)).toBe(
        "Uid: 1000 1000 1000 1000\nGid: 1000 1000 1000 1000\nGroups: 29 44 1000",
      );
      const environment = await sh(`tr '\\0' '\\n' < /proc/${agent}/environ; readlink /proc/${agent}/cwd; stat -c %U:%a /run/user/1000`);
      expect(environment.split("\n")).toEqual(expect.arrayContaining([...GUESTS_ENVIRONMENT, "/home", "guest:700"]));
      return agent;
    });
    await until(`! test -e /proc/${pid}`);
    await until("! rind get rind@user-login --json | grep -q guest");
    expect(await rind("get rind@user-session")).toEqual([]);
  });

  test("who has logged in may not end the machine", async () => {
    await asGuest(async (console) => {
      expect(await console.run("rind poweroff", SLOW_MS)).toMatchObject({ code: 77 });
    });
  });

  test("1,000 orphans leave no zombie", async () => {
    const { sh, until } = machine();
    // each is left by the shell that has started it, and ends when that is long gone
    await sh("i=0; while [ $i -lt 1000 ]; do (sleep 2.5 &); i=$((i + 1)); done");
    await until("! ps | grep -q '[s]leep 2.5'");
    await until("! grep -qs '^State:.Z' /proc/[0-9]*/status");
  });

  test("whatever ends the daemon, PID 1 starts it anew, all services are back, and the kernel does not panic", async () => {
    const { console, sh, shLast, until } = machine();
    for (const [death, killSignal] of [
      [(pid: string) => `kill -KILL ${pid}`, 9],
      [(pid: string) => `kill -ABRT ${pid}`, 6],
      [(pid: string) => `kill -SEGV ${pid}`, 11],
      // the kernel's choice when memory runs out
      [(pid: string) => `echo 1000 > /proc/${pid}/oom_score_adj; echo f > /proc/sysrq-trigger`, 9],
    ] as const) {
      await shLast(death(await sh(DAEMON)));
      await console.waitFor(new RegExp(`the daemon was killed by signal ${killSignal}`), SLOW_MS);
      await until(isUp);
      expect(await idle()).toEqual(IDLE);
    }
    await sh(`kill -KILL 1; kill -STOP $(${DAEMON})`);
    await until(isUp);
    expect(await sh("cat /proc/1/comm")).toBe("rind-init");
    expect(console.seen).not.toContain("Kernel panic");
  });

  test("a reboot comes up again, with the states that were set", async () => {
    const { console, rind, sh, shLast, until } = machine();
    await sh("rind set kept@note remembered");
    await shLast("rind reboot");
    await console.waitFor(/login: /, SLOW_MS);
    await until(isUp);
    expect(await rind("get kept@note")).toEqual(["remembered"]);
  });

  test("powers off by itself, and leaves the file system clean", async () => {
    const { console, disk, ended, shLast } = machine();
    await shLast("rind poweroff");
    expect(await ended).toBe(0);
    expect(checkDisk(disk)).toEqual({ isClean: true, wrong: "" });
    expect(console.seen).not.toContain("Kernel panic");
  });
});
