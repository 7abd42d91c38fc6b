import { execaLauncher } from "../../src/process/execa-launcher.ts";
import type { Launcher } from "../../src/process/launcher.ts";
import { reaper } from "../../src/process/reaper.ts";
import { systemLauncher } from "../../src/process/system-launcher.ts";
import { median, report, rounded } from "../support/measure.ts";

/** What a start holds up the daemon, with little and with much memory in use: `fork` copies the tables of all of it, the native part copies nothing. */
const LAUNCHES = 1_000;
/** Started before any has to be waited for. */
const AT_ONCE = 50;
const MEGABYTES = [50, 250];

const LAUNCHERS: readonly (readonly [string, Launcher])[] = [
  ["native", systemLauncher()],
  ["execa", execaLauncher],
];

const lack = reaper.start();
if (lack !== undefined) throw new Error(lack);

const ballast: Buffer[] = [];
for (const megabytes of MEGABYTES) {
  while (process.memoryUsage.rss() < megabytes * 2 ** 20) ballast.push(Buffer.alloc(2 ** 20, 1));
  for (const [name, launcher] of LAUNCHERS) await measure(name, launcher);
}

async function measure(name: string, launcher: Launcher): Promise<void> {
  const rss = Math.round(process.memoryUsage.rss() / 2 ** 20);
  const blocked: number[] = [];
  const began = performance.now();
  const cpu = process.cpuUsage();
  for (let done = 0; done < LAUNCHES; done += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, () => run(launcher, blocked)));
  const { user, system } = process.cpuUsage(cpu);
  const all = performance.now() - began;
  report(`${LAUNCHES} processes, ${name} launcher`, {
    rssMB: rss,
    medianUs: rounded(median(blocked) * 1_000, 0),
    worstUs: rounded(Math.max(...blocked) * 1_000, 0),
    blockedMs: rounded(
      blocked.reduce((sum, ms) => sum + ms, 0),
      0,
    ),
    cpuMs: rounded((user + system) / 1_000, 0),
    allMs: rounded(all, 0),
  });
}

/** One process, from its start to its end and that of its output. */
function run(launcher: Launcher, blocked: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let open = 2;
    const part = (): void => {
      open -= 1;
      if (open === 0) resolve();
    };
    const began = performance.now();
    launcher.launch(
      { instance: "bench@true", program: "/bin/true", args: [], env: {}, cwd: "/", stdin: undefined },
      {
        started: () => {},
        refused: ({ message }) => reject(new Error(message)),
        output: () => {},
        exited: part,
        outputEnded: part,
      },
    );
    blocked.push(performance.now() - began);
  });
}
