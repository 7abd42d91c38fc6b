import { peersHere } from "./all.ts";
import { RUNS } from "./extent.ts";
import { withPrograms } from "./programs.ts";
import { Running } from "./running.ts";
import { Row } from "./table.ts";
import { chained } from "./workloads.ts";

/** From the exec of the supervisor until the last of N oneshots has begun, each of which waits for the end of the one before. */
const LINKS = 1_000;

const peers = peersHere("chain", "chain");
await withPrograms(async (programs) => {
  const row = new Row(`chain of ${LINKS} oneshots, ms`, peers);
  for (let run = 0; run < RUNS; run++) {
    for (const peer of peers) await Running.with(peer, programs, chained(programs, LINKS), (running) => row.add(peer, running.bootMs));
  }
  row.report();
});
