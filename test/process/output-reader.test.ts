import { spawn } from "node:child_process";
import { closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { type OutputReading, readOutput } from "../../src/process/output-reader.ts";
import { native } from "../../src/process/sys.ts";

const sys = native();
if (sys === undefined) throw new Error("the native part is not built");
const { openPipe } = sys;

/** A pipe that is being read. */
function pipe() {
  const { readEnd, writeEnd } = openPipe();
  const got: Buffer[] = [];
  let ends = 0;
  let open = true;
  const reading: OutputReading = readOutput(readEnd, {
    onBytes: (bytes) => got.push(Buffer.from(bytes)),
    onEnd: () => (ends += 1),
  });
  const close = (): void => {
    if (open) closeSync(writeEnd);
    open = false;
  };
  onTestFinished(async () => {
    reading.resume();
    close();
    await until(() => ends > 0);
  });
  return {
    pause: () => reading.pause(),
    resume: () => reading.resume(),
    readEnd,
    writeEnd,
    got,
    text: () => Buffer.concat(got).toString(),
    size: () => got.reduce((sum, { length }) => sum + length, 0),
    ends: () => ends,
    print: (text: string | Buffer) => writeSync(writeEnd, Buffer.from(text)),
    close,
    /** Gives it to a program, which is ended with the test; closed here. */
    run: (script: string) => {
      const child = spawn("sh", ["-c", script], { stdio: ["ignore", writeEnd, "inherit"] });
      close();
      onTestFinished(() => void child.kill("SIGKILL"));
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error("20 seconds went by");
    await turn();
  }
}

test("what is printed comes in order, then the end, once and after all of it", async () => {
  const { print, close, text, ends } = pipe();
  print("one");
  expect(text()).toBe("");
  await until(() => text() === "one");
  print("two");
  print("three");
  close();
  await until(() => ends() > 0);
  await turn();
  expect({ text: text(), ends: ends() }).toEqual({ text: "onetwothree", ends: 1 });
});

test("of one that is paused nothing comes and no end, until it goes on", async () => {
  const held = pipe();
  const other = pipe();
  held.pause();
  held.print("held");
  held.close();
  other.print("other");
  await until(() => other.text() === "other");
  other.close();
  await until(() => other.ends() === 1);
  expect({ text: held.text(), ends: held.ends() }).toEqual({ text: "", ends: 0 });
  held.resume();
  held.resume();
  await until(() => held.ends() > 0);
  expect(held.text()).toBe("held");
});

test("a pipe at its end is closed, and who took its number is not disturbed by its pause", async () => {
  const before = readdirSync("/proc/self/fd").length;
  const first = pipe();
  first.close();
  await until(() => first.ends() === 1);
  expect(readdirSync("/proc/self/fd").length).toBe(before);
  const second = pipe();
  first.pause();
  first.resume();
  second.print("mine");
  await until(() => second.text() === "mine");
  expect(first.text()).toBe("");
});

test("a pipe that is read is nothing of Node's", () => {
  const before = process.getActiveResourcesInfo().length;
  for (let i = 0; i < 50; i++) pipe();
  expect(process.getActiveResourcesInfo().length).toBe(before);
});

test("hundreds of pipes that print and end at once: each has its own bytes and its end", async () => {
  const pipes = Array.from({ length: 300 }, () => pipe());
  for (const [i, { print, close }] of pipes.entries()) {
    print(`${i}\n`.repeat(100));
    close();
  }
  await until(() => pipes.every(({ ends }) => ends() === 1));
  expect(pipes.every(({ text }, i) => text() === `${i}\n`.repeat(100))).toBe(true);
});

test("a flood does not hold up who prints little, nor the others of the loop", async () => {
  const floods = [pipe(), pipe()];
  for (const { run } of floods) run("exec yes");
  const { print, text } = pipe();
  const size = (): number => floods.reduce((sum, flood) => sum + flood.size(), 0);
  await until(() => floods.every((flood) => flood.size() > 1_000_000));
  for (const flood of floods) flood.got.length = 0;
  print("hello");
  let passed = 0;
  while (text() === "") {
    await turn();
    expect(size()).toBeLessThan(1_100_000);
    passed += size();
    for (const flood of floods) flood.got.length = 0;
  }
  expect(text()).toBe("hello");
  expect(passed).toBeLessThan(4_000_000);
});

test("many small writes are read together", async () => {
  const { run, got, size } = pipe();
  run("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i + 1)); done");
  await until(() => size() === 208_890);
  expect(got.length).toBeLessThan(20_000 / 10);
});

/** Whether an epoll of this process tells of this descriptor: proc_pid_fdinfo(5). */
function isInEpoll(descriptor: number): boolean {
  return readdirSync("/proc/self/fd")
    .filter((fd) => linkOf(`/proc/self/fd/${fd}`) === "anon_inode:[eventpoll]")
    .some((fd) => new RegExp(`^tfd: +${descriptor} `, "m").test(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8")));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // that of this very list
    return "";
  }
}

/** Prints a letter in each turn until the pipe is out of the epoll; answers how many. */
async function printUntilItRests({ print, readEnd }: ReturnType<typeof pipe>): Promise<number> {
  let printed = 0;
  await until(() => {
    print("x");
    printed++;
    return !isInEpoll(readEnd);
  });
  return printed;
}

test("a pipe that is printed into all the time leaves the epoll, and is back when a nap has brought nothing", async () => {
  const busy = pipe();
  const printed = await printUntilItRests(busy);
  await until(() => isInEpoll(busy.readEnd));
  expect(busy.text()).toBe("x".repeat(printed));
  busy.print("and on");
  await until(() => busy.text().endsWith("x".repeat(printed).concat("and on")));
});

test("one that is out of the epoll is paused, goes on and ends like the rest", async () => {
  const busy = pipe();
  const other = pipe();
  const printed = await printUntilItRests(busy);
  busy.pause();
  const soFar = busy.text();
  busy.print("y");
  for (const text of ["1", "12", "123"]) {
    other.print(text.slice(-1));
    await until(() => other.text() === text);
  }
  expect(busy.text()).toBe(soFar);
  busy.resume();
  await until(() => busy.text() === `${"x".repeat(printed)}y`);
  const more = await printUntilItRests(busy);
  busy.close();
  await until(() => busy.ends() === 1);
  expect(busy.text()).toBe(`${"x".repeat(printed)}y${"x".repeat(more)}`);
});

test("a pipe that was found full is larger from then on", async () => {
  const { writeEnd, print, size, pause } = pipe();
  print(Buffer.alloc(64 * 1_024));
  await until(() => size() === 64 * 1_024);
  pause();
  const again = openSync(`/proc/self/fd/${writeEnd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(again));
  let room = 0;
  try {
    for (;;) room += writeSync(again, Buffer.alloc(4_096));
  } catch {
    // it is full
  }
  expect(room).toBe(1_024 * 1_024);
});

test("newlines are counted, wherever they are", () => {
  for (const size of [0, 1, 15, 16, 17, 255, 4_080, 4_096, 65_536, 100_001]) {
    const bytes = Buffer.from(Array.from({ length: size }, (_, i) => ((i * 7_919) % 31 < 6 ? 0x0a : i % 251)));
    expect(sys.countNewlines(bytes)).toBe(bytes.filter((byte) => byte === 0x0a).length);
    expect(sys.countNewlines(Buffer.alloc(size, "\n"))).toBe(size);
  }
  expect(sys.countNewlines(Buffer.alloc(100, "\n").subarray(3, 50))).toBe(47);
});
