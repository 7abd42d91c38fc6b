import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { readProcStat } from "../../src/lib/proc.ts";
import { openStore } from "../../src/persist/open-store.ts";
import { bundle } from "../support/bundle.ts";
import { quietLog } from "../support/quiet-log.ts";
import { tempFolder } from "../support/temp-folder.ts";

const built = mkdtempSync(join(tmpdir(), "rind-test-"));
let program = "";
beforeAll(async () => {
  program = await bundle(join(import.meta.dirname, "../support/programs/stores.ts"), built);
});
afterAll(() => rmSync(built, { recursive: true }));

/** A daemon's store in a process of its own. `before`: what a shell does first. */
function daemon(path: string, { before = "", start = 0 } = {}) {
  const child = spawn("sh", ["-c", `${before} exec "$@"`, "sh", process.execPath, program, path, String(start)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    do: (line: string) => void child.stdin.write(`${line}\n`),
    /** The next line that it prints; undefined: it has ended. */
    line: async (): Promise<string | undefined> => {
      const { done, value } = await lines.next();
      return done === true ? undefined : value;
    },
    kill: () => {
      child.kill("SIGKILL");
      return exited;
    },
    exited,
  };
}

async function reopened(path: string) {
  const { store, warnings } = await openStore(path, { log: quietLog(), now: Date.now });
  const entries = new Map(store.entries);
  await store.close();
  return { entries, warnings };
}

test("killed at thirty moments, each time all that was acknowledged is there and no half change", { timeout: 120_000 }, async () => {
  const path = join(tempFolder(), "state");
  let next = 0;
  for (let round = 0; round < 30; round++) {
    const { line, do: tell, kill } = daemon(path, { start: next });
    expect(await line()).toBe("open");
    tell("hammer");
    // From the first moments to the midst of a compaction, which comes about every 500.
    const enough = Math.floor(Math.random() * 1_200);
    const stored: number[] = [];
    const dead = (async () => {
      for (let text = await line(); text !== undefined; text = await line()) {
        stored.push(Number(text.split(" ")[1]));
        if (stored.length > enough) void kill();
      }
    })();
    await dead;
    await kill();

    const { entries, warnings } = await reopened(path);
    const last = Number(entries.get("last") ?? -1);
    expect(warnings.filter((warning) => !warning.startsWith("the end of"))).toEqual([]);
    expect(entries.get("first") ?? -1, "no half change").toBe(last);
    expect(last).toBeGreaterThanOrEqual(Math.max(...stored));
    const numbers = [...entries.keys()].filter((key) => key.startsWith("entry ")).map((key) => Number(key.slice(6)));
    expect(numbers).toEqual(Array.from({ length: Math.min(50, last + 1) }, (_, i) => Math.max(0, last - 49) + i));
    next = last + 1;
  }
  expect(statSync(path).size).toBeLessThan(4 * 1_024 * 1_024);
});

test("two daemons never share a file: the second is told who has it", async () => {
  const path = join(tempFolder(), "state");
  const first = daemon(path);
  expect(await first.line()).toBe("open");
  await expect(reopened(path)).rejects.toThrow(`${path} is in use by another daemon (pid ${first.pid})`);

  first.do("close");
  await first.exited;
  expect((await reopened(path)).warnings).toEqual([]);
});

test("a daemon that was killed, and whose parent never asks for it, holds no store", async () => {
  const folder = tempFolder();
  const parent = daemon(join(folder, "state"), { before: 'exec 3<&0; "$@" <&3 & exec sleep 60 #' });
  expect(await parent.line()).toBe("open");
  const pid = Number(/\.lock-(\d+)/.exec(readdirSync(folder).join(" "))?.[1]);
  process.kill(pid, "SIGKILL");
  await expect.poll(() => readProcStat(pid)?.state, { timeout: 10_000 }).toBe("Z");
  expect((await reopened(join(folder, "state"))).warnings).toEqual([]);
});

test("the lock of a daemon that was killed is taken over", async () => {
  const folder = tempFolder();
  const first = daemon(join(folder, "state"));
  expect(await first.line()).toBe("open");
  await first.kill();
  expect(readdirSync(folder)).toHaveLength(1);
  expect((await reopened(join(folder, "state"))).warnings).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test("a lock whose pid has gone to another process holds nobody up", async () => {
  const folder = tempFolder();
  const path = join(folder, "state");
  const dead = daemon(path);
  const other = daemon(join(tempFolder(), "state"));
  expect([await dead.line(), await other.line()]).toEqual(["open", "open"]);
  await dead.kill();
  const [lock = ""] = readdirSync(folder);
  renameSync(join(folder, lock), join(folder, lock.replace(`-${dead.pid}-`, `-${other.pid}-`).replace(/-(\d+)-([0-9a-f]+)$/, "-1-$2")));
  expect((await reopened(path)).warnings).toEqual([]);
});

test("of many daemons that come at once at most one gets the file", async () => {
  const path = join(tempFolder(), "state");
  const answers = await Promise.all(Array.from({ length: 5 }, () => daemon(path).line()));
  expect(answers.filter((answer) => answer === "open").length).toBeLessThanOrEqual(1);
  for (const answer of answers) expect(answer).toMatch(/^open$|is in use by another daemon \(pid \d+\)$/);
});

test("a group that a full disk took only half of is repaired when there is room again", async () => {
  const path = join(tempFolder(), "state");
  // A limit on the size of files stops a write in its midst, as a full disk does.
  const { pid, line, do: tell, exited } = daemon(path, { before: "trap '' XFSZ; ulimit -S -f 8;" });
  expect(await line()).toBe("open");
  tell("set a 100");
  expect(await line()).toBe("stored a");
  tell("set b 20000");
  expect(await line()).toBe("NotStoredError b");
  tell("set c 10");
  expect(await line()).toBe("NotStoredError c");
  // What is written in the place of the half group is shorter than that.
  tell("unset b");
  execFileSync("prlimit", ["--pid", String(pid), "--fsize=unlimited"]);
  tell("set d 10");
  expect(await line()).toBe("stored d");
  tell("close");
  await exited;
  const { entries, warnings } = await reopened(path);
  expect({ keys: [...entries.keys()], warnings }).toEqual({ keys: ["a", "c", "d"], warnings: [] });
});

test("a daemon that is killed while its disk refuses leaves what it had acknowledged", async () => {
  const path = join(tempFolder(), "state");
  const { line, do: tell, kill } = daemon(path, { before: "trap '' XFSZ; ulimit -S -f 8;" });
  expect(await line()).toBe("open");
  tell("set a 100");
  expect(await line()).toBe("stored a");
  tell("set b 20000");
  expect(await line()).toBe("NotStoredError b");
  await kill();
  const { entries, warnings } = await reopened(path);
  expect([...entries.keys()]).toEqual(["a"]);
  // The half that did reach the disk may have been taken back before the kill, or is cut now.
  expect(warnings.length).toBeLessThanOrEqual(1);
});
