import { setTimeout as sleep } from "node:timers/promises";
import { wakeUps } from "../peers/processes.ts";
import { withPrograms } from "../peers/programs.ts";
import { rinds } from "../peers/rind.ts";
import { Running } from "../peers/running.ts";
import { staying } from "../peers/workloads.ts";
import { median, report, rounded } from "../support/measure.ts";

/** A daemon with a hundred services of which none does anything: what its command takes beside bare Node, and how often anything in it wakes up. */
const SERVICES = 100;
const TIMES = Number(process.env["RIND_BENCH_TIMES"] ?? 50);
const SECONDS = Number(process.env["RIND_BENCH_SECONDS"] ?? 60);
/** Until what follows a start is over: the daemon collects its garbage once, and V8 once more some seconds later. */
const SETTLED_MS = 25_000;

await withPrograms(async (programs) => {
  for (const peer of rinds()) {
    await Running.with(peer, programs, staying(programs, SERVICES), async (running) => {
      const [bare, status]: [number[], number[]] = [[], []];
      for (let time = 0; time < TIMES; time++) {
        bare.push(await running.commandMs({ words: [programs.node, "-e", "0"] }));
        status.push(await running.statusMs("s5"));
      }
      report("rind status of one service", {
        rind: peer.name,
        measured: `${rounded(median(status), 1)} ms`,
        beside: `node -e 0: ${rounded(median(bare), 1)} ms, ratio ${rounded(median(status) / median(bare))}`,
      });

      await sleep(SETTLED_MS);
      const count = (): number => running.supervisors().reduce((sum, pid) => sum + wakeUps(pid), 0);
      const before = count();
      await sleep(SECONDS * 1_000);
      report(`wake-ups of the daemon in ${SECONDS} s with ${SERVICES} services`, {
        rind: peer.name,
        measured: count() - before,
        beside: "0",
      });
    });
  }
});
