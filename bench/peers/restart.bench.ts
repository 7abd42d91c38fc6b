import { setTimeout as sleep } from "node:timers/promises";
import { peersHere } from "./all.ts";
import { withPrograms } from "./programs.ts";
import { allRunning } from "./running-all.ts";
import { Row } from "./table.ts";
import { staying } from "./workloads.ts";

/** From SIGKILL to a service until its replacement runs, and what the command for the status of a service takes. All peers are up at once, and asked in turn. */
const TIMES = Number(process.env["RIND_BENCH_TIMES"] ?? 50);
const SERVICES = 10;
/** What starts a process again without delay does so only for one that has run for a second. */
const RUN_FOR_MS = 1_100;

const peers = peersHere("killed, and status");
await withPrograms(async (programs) => {
  const killed = new Row("killed to running again, ms", peers);
  const status = new Row("its command: status of one service, ms", peers);
  await allRunning(
    peers,
    programs,
    (fifo) => staying(programs, SERVICES)(fifo).map((service) => ({ ...service, killed: true })),
    async (all) => {
      for (let time = 0; time < TIMES; time++) {
        await sleep(RUN_FOR_MS);
        for (const [peer, running] of all) {
          const [victim] = running.services();
          if (victim === undefined) throw new Error(`${peer.name} has no service`);
          killed.add(peer, await running.untilBegun(1, () => process.kill(victim, "SIGKILL")));
        }
        for (const [peer, running] of all) status.add(peer, await running.statusMs("s5"));
      }
    },
  );
  killed.report(2);
  status.report(2);
});
