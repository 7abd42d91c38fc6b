import { setTimeout as sleep } from "node:timers/promises";
import { peersHere } from "./all.ts";
import { RUNS, SIZES } from "./extent.ts";
import { withPrograms } from "./programs.ts";
import { Running } from "./running.ts";
import { Row } from "./table.ts";
import { staying } from "./workloads.ts";

/** From the exec of the supervisor until all of N services run; and from the word to stop until none does, and until nothing is left of the supervisor. */

/** So long runs all of it before it is stopped: runsv waits where its service has run for less than a second. */
const SETTLED_MS = 1_200;

const peers = peersHere("boot and stop");
await withPrograms(async (programs) => {
  for (const size of SIZES) {
    const boot = new Row(`boot of ${size}, ms`, peers);
    const stop = new Row(`stop of ${size}, ms`, peers);
    const end = new Row(`stop of ${size} until the supervisor has ended, ms`, peers);
    for (let run = 0; run < RUNS; run++) {
      for (const peer of peers) {
        await Running.with(peer, programs, staying(programs, size), async (running) => {
          boot.add(peer, running.bootMs);
          await sleep(SETTLED_MS);
          const { stoppedMs, goneMs } = await running.stop();
          stop.add(peer, stoppedMs);
          end.add(peer, goneMs);
        });
      }
    }
    for (const row of [boot, stop, end]) row.report();
  }
});
