import { describe, expect, test } from "vitest";
import { lackOfMachine } from "./lack-of-machine.ts";
import { bootForTests, checkDisk, SLOW_MS } from "./machine.ts";

const lack = lackOfMachine();

const FILES = {
  // no toml at all
  "etc/rind/flows/torn.toml": '[[service]\nname = "torn"\n',
  // the one below is right, the one above is not
  "etc/rind/flows/half.toml": '[[service]]\nname = "wrong"\nrunn = "sleep 1000"\n\n[[service]]\nname = "right"\nrun = "sleep 1000"\n',
  "etc/rind/flows/vital.toml": '[[service]]\nname = "heart"\nrun = "sleep 2000"\nrestart = "never"\ncritical = true\n',
};

// The kernel starts the executable itself here: no other program is needed to be PID 1.
const WORDS = ["--append", "panic=-1 rdinit=/usr/bin/rind", "--init", "init --quiet"];

describe.skipIf(lack !== undefined)(`a machine that is broken${lack === undefined ? "" : ` (${lack})`}`, () => {
  const machine = bootForTests({ files: FILES, words: WORDS });

  test("boots with what is right, degraded, and says on the console what is wrong and where", async () => {
    const { console, rind, sh, until } = machine();
    await until("rind get rind@up --json | grep -q null");
    const degraded = (await rind("get rind@degraded")) as { item: string }[];
    expect(degraded.map(({ item }) => item).toSorted()).toEqual(["/etc/rind/flows/torn.toml", "half@wrong"]);
    expect(await sh("rind status half@right")).toContain("running");
    expect(console.seen).toMatch(/torn\.toml:1:\d+: /);
    expect(console.seen).toMatch(/half\.toml:3:1: .*runn/);
    expect(await sh("cat /proc/1/comm")).toBe("rind-init");
  });

  test("the end of a critical service opens the emergency shell on the console", async () => {
    const { console, rind, shLast } = machine();
    const { pid } = (await rind("status vital@heart")) as { pid: number };
    await shLast(`kill -KILL ${pid}`);
    await console.waitFor(/vital@heart failed: killed by SIGKILL[^]*password[^]*: *$/, SLOW_MS);
    console.type("root\n");
    await console.waitFor(/# /, SLOW_MS);
    expect(await console.run("id -u; ps | grep '[s]leep 1000'", SLOW_MS)).toEqual({ code: 1, out: "0" });
    expect(console.seen).not.toContain("Kernel panic");
  });

  test("SIGTERM to PID 1 powers off from there too, and the file system has no flaw", async () => {
    const { console, disk, ended } = machine();
    console.type("kill -TERM 1\n");
    expect(await ended).toBe(0);
    expect(checkDisk(disk).wrong).toBe("");
  });
});
