import { setTimeout as sleep } from "node:timers/promises";
import { rounded } from "../support/measure.ts";
import { peersHere } from "./all.ts";
import { SIZES } from "./extent.ts";
import { withPrograms } from "./programs.ts";
import { Running } from "./running.ts";
import { Row } from "./table.ts";
import { staying } from "./workloads.ts";

/**
 * The memory of all processes of the supervisor, those for each service too, some time after all its services run: the share that is theirs (PSS).
 * What runs on Node runs on a copy of it, or the bench itself would bear a part of that program's memory.
 */
const IDLE_MS = 12_000;

const peers = peersHere("memory");
await withPrograms(
  async (programs) => {
    const rows = new Map(SIZES.map((size) => [size, new Row(`memory with ${size}, MB`, peers)]));
    const further = new Row("memory per further service, kB", peers);
    for (const peer of peers) {
      const bytes: number[] = [];
      for (const [size, row] of rows) {
        await Running.with(peer, programs, staying(programs, size), async (running) => {
          await sleep(IDLE_MS);
          bytes.push(running.pssBytes());
          row.add(peer, (bytes.at(-1) ?? 0) / 1e6);
        });
      }
      const [few = 0, many = 0] = [bytes[0], bytes.at(-1)];
      const more = (SIZES.at(-1) ?? 0) - (SIZES[0] ?? 0);
      if (more > 0) further.add(peer, rounded((many - few) / more / 1e3));
    }
    for (const row of [...rows.values(), further]) row.report();
  },
  { ownNode: true },
);
