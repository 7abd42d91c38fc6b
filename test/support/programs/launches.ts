import { closeSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import type { LaunchPlan } from "../../../src/process/launcher.ts";
import { NativeLauncher } from "../../../src/process/native-launcher.ts";
import { reaper } from "../../../src/process/reaper.ts";
import { native } from "../../../src/process/sys.ts";

/** Launches by the native launcher and says what came of it: `node program.mjs WORD [NUMBER]`. */
const sys = native();
if (sys === undefined) throw new Error("there is no native part");
const launcher = new NativeLauncher(sys);
const lack = reaper.start();
if (lack !== undefined) throw new Error(lack);

const say = (text: string): void => void writeSync(1, `${text}\n`);

const PLAN: LaunchPlan = {
  instance: "web@api",
  program: "/bin/true",
  args: [],
  env: { PATH: "/usr/bin:/bin" },
  cwd: "/",
  stdin: undefined,
};

/** Runs a process to its end and to that of its output; what it printed. */
function run(change: Partial<LaunchPlan>): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    let open = 2;
    const part = (): void => {
      open -= 1;
      if (open === 0) resolve(text);
    };
    launcher.launch(
      { ...PLAN, ...change },
      {
        started: () => {},
        refused: ({ message }) => reject(new Error(message)),
        output: (_, bytes) => {
          text += bytes.toString();
        },
        exited: part,
        outputEnded: part,
      },
    );
  });
}

async function runMany(count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => run({})));
}

/** What all threads of this process have had of the processors, in nanoseconds. */
function processorTime(): number {
  const times = readdirSync("/proc/self/task").map((thread) => readFileSync(`/proc/self/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  return times.reduce((sum, time) => sum + Number(time), 0);
}

async function timeOf(count: number): Promise<number> {
  const before = processorTime();
  await runMany(count);
  return processorTime() - before;
}

const MANY_DESCRIPTORS = 4_000;
const ROUNDS = 5;
const LAUNCHES_A_ROUND = 60;

const WORDS: Readonly<Record<string, (count: number) => Promise<void>>> = {
  launch: runMany,
  /** How much more a launch costs where this process has many descriptors: the median of rounds, each of which measures both. */
  async descriptors() {
    await runMany(LAUNCHES_A_ROUND);
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const few = await timeOf(LAUNCHES_A_ROUND);
      const open = Array.from({ length: MANY_DESCRIPTORS }, () => openSync("/dev/null", "r"));
      const many = await timeOf(LAUNCHES_A_ROUND);
      for (const fd of open) closeSync(fd);
      ratios.push(many / few);
    }
    say(String(ratios.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]));
  },
  /** What a process finds: its descriptors, with that of the folder in which it looks, and what it ignores and blocks. */
  async found() {
    const odd = openSync("/dev/null", "r");
    const script = 'for fd in /proc/self/fd/*; do echo "${fd##*/}"; done; grep -E "^Sig(Blk|Ign)" /proc/self/status';
    say(await run({ program: "sh", args: ["-c", script] }));
    closeSync(odd);
  },
};

const [, , word = "", count = "1"] = process.argv;
await WORDS[word]?.(Number(count));
