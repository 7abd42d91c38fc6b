import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readChildren, readProcStat } from "../../src/lib/proc.ts";
import { lives } from "../support/lives.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { AS_4711, container, pidsIn, server, task } from "./container-rig.ts";
import { IS_ROOT } from "../support/is-root.ts";

/** It does not hear SIGTERM. */
const deaf = (name: string, more = ""): string =>
  `[[service]]\nname = "${name}"\nrun.shell = "trap '' TERM; echo ${name} up; while :; do sleep 0.05; done"\nready.log = "up"\n${more}\n`;

describe.skipIf(!IS_ROOT)("how a container with rind up as its entry point ends (these tests need root)", () => {
  // SIGQUIT is what images that are made from nginx's are ended with
  test.each(["SIGTERM", "SIGINT", "SIGQUIT"] as const)("%s ends services in order, and the container with 0", async (killSignal) => {
    const it = container(server("db") + server("api", 'requires = ["db"]'));
    await it.said(/all services ready/);
    await it.kill(killSignal);
    expect(await it.ended).toBe(0);
    expect(it.out().match(/\w+ ends/g)).toEqual(["api ends", "db ends"]);
  });

  test("docker stop: a service that is deaf to SIGTERM is killed after its stop-timeout, and the container ends with 0", async () => {
    const it = container(deaf("s", 'stop-timeout = "200ms"') + server("t"));
    await it.said(/all services ready/);
    await it.kill("SIGTERM");
    expect(await it.ended).toBe(0);
    expect(it.out()).toMatch(/t ends/);
  });

  test("docker stop: the SIGKILL that comes after 10 s takes everything with it; what is started anew is a boot with the states of before", async () => {
    const disk = tempFolder();
    const units = `${deaf("s")}${task("once", "echo ran >> /disk/ran")}[[state]]\nname = "n"\npayload = "string"\n`;
    const start = () => container(units, { disk, words: "up --state /disk/state" });
    const first = start();
    await first.said(/all services ready/);
    await first.rind("set g@n kept");
    const pids = await pidsIn(first);
    expect(pids.length).toBeGreaterThan(1);
    await first.kill("SIGTERM");
    await first.said(/g@s: stopping/);
    await first.kill("SIGKILL");
    await first.ended;
    expect(pids.filter((pid) => lives(pid))).toEqual([]);
    const second = start();
    await second.said(/all services ready/);
    expect(await second.rind("get g@n")).toBe("kept\n");
    expect(readFileSync(join(disk, "ran"), "utf8")).toBe("ran\nran\n");
  });

  test("a second signal kills what is left at once", async () => {
    const it = container(deaf("s", 'stop-timeout = "1h"'));
    await it.said(/all services ready/);
    await it.kill("SIGTERM");
    await it.said(/g@s: stopping/);
    await it.kill("SIGTERM");
    expect(await it.ended).toBe(0);
  });

  test.each([
    ["0, when all tasks have ended well", task("a", "exit 0") + task("b", "exit 0"), 0],
    ["the worst code of its tasks", task("a", "exit 3") + task("b", "exit 42") + task("c", "exit 0"), 42],
    ["128 and the signal, where one has ended a task", task("a", "kill -SEGV $$"), 139],
    ["1, where a program is not there", '[[service]]\nname = "a"\nrun = "no-such-program"\n', 1],
    ["78, where its units have mistakes", "[[service]]\n", 78],
  ])("by itself it ends with %s", async (_, units, code) => {
    expect(await container(units).ended).toBe(code);
  });

  test("1,000 processes that services have left behind leave no zombie", async () => {
    const code = "i=0; while [ $i -lt 1000 ]; do ((exit 0) &); i=$((i + 1)); done; echo made; exec sleep 300";
    const it = container(`[[service]]\nname = "s"\nrun.shell = "${code}"\nready.log = "made"\n`);
    await it.said(/all services ready/);
    const first = await it.first();
    const zombies = (): number => readChildren({ pid: first, threads: 2 }).filter((pid) => readProcStat(pid)?.state === "Z").length;
    await expect.poll(zombies, { timeout: 10_000 }).toBe(0);
    expect(await it.rind("status g@s")).toContain("running");
  });

  test("what docker exec has left behind is reaped, and ends with the container", async () => {
    const it = container(server("s"));
    await it.said(/all services ready/);
    await it.sh("(setsid sleep 300 >/dev/null 2>&1 &); ((exit 0) &)");
    const left = (): string[] => readFileSync(`/proc/${first}/task/${first}/children`, "utf8").trim().split(" ");
    const first = await it.first();
    await expect.poll(() => left().filter((pid) => readProcStat(Number(pid))?.state === "Z"), { timeout: 10_000 }).toEqual([]);
    await it.kill("SIGTERM");
    expect(await it.ended).toBe(0);
  });

  test("docker run -it: Ctrl-C at the terminal is an orderly end, and no SIGINT for services", async () => {
    const it = container(server("s").replace("trap '", "trap 'echo interrupted' INT; trap '"), { terminal: true });
    await it.said(/all services ready/);
    it.type("\u0003");
    expect(await it.ended).toBe(0);
    expect(it.out()).toMatch(/s ends/);
    expect(it.out()).not.toContain("interrupted");
  });

  test("where the reader of its output dies, services go on, and SIGTERM ends them in order", async () => {
    const code =
      "trap 'echo ended > /disk/ended; exit 0' TERM; n=0; while :; do n=$((n + 1)); echo line $n | tee /disk/line; sleep 0.01; done";
    const disk = tempFolder();
    const it = container(`[[service]]\nname = "s"\nrun.shell = ${JSON.stringify(code)}\n`, {
      disk,
      entry: 'exec bash -c \'exec "$@" > >(head -n 1) 2>&1\' bash "$@"',
    });
    const line = (): number => Number(/\d+/.exec(readFileSync(join(disk, "line"), "utf8"))?.[0] ?? 0);
    await expect.poll(() => it.rind("logs g@s").catch(() => ""), { timeout: 20_000 }).toContain("line 20\n");
    const before = line();
    await expect.poll(line, { timeout: 10_000 }).toBeGreaterThan(before + 20);
    expect(it.out().match(/line/g)?.length ?? 0).toBeLessThan(2);
    await it.kill("SIGTERM");
    expect(await it.ended).toBe(0);
    expect(readFileSync(join(disk, "ended"), "utf8")).toBe("ended\n");
  });

  test("a reader of its output that stands still holds up nothing, also where the pipe is not its own", async () => {
    const code = "yes | head -c 3000000; echo done > /disk/done; exec sleep 300";
    const disk = tempFolder();
    chmodSync(disk, 0o777);
    const it = container(`[[service]]\nname = "s"\nrun.shell = ${JSON.stringify(code)}\n`, {
      disk,
      entry: `exec bash -c 'exec ${AS_4711} "$@" > >(exec sleep 300) 2>&1' bash "$@"`,
    });
    await expect.poll(() => existsSync(join(disk, "done")), { timeout: 20_000 }).toBe(true);
    await it.kill("SIGTERM");
    expect(await it.ended).toBe(0);
  });
});
