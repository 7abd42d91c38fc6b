import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { peersHere } from "./all.ts";
import { RUNS } from "./extent.ts";
import type { BenchService, Peer } from "./peer.ts";
import { type Programs, withPrograms } from "./programs.ts";
import { Running } from "./running.ts";
import { inTime, now } from "./stopwatch.ts";
import { Row } from "./table.ts";

/** One service prints lines of 100 bytes, large writes or one a line, and what supervises it writes them to a file: from the first write until the file has all. */
const BYTES = Number(process.env["RIND_BENCH_LOG_MB"] ?? 200) * 1e6;
/** How much each write holds. */
const CHUNKS = [65_536, 100];
const LOOK_MS = 2;

const peers = peersHere("log to file", "log");
await withPrograms(async (programs) => {
  for (const chunk of CHUNKS) {
    const row = new Row(`log to its file, writes of ${chunk} B, MB/s`, peers);
    for (let run = 0; run < RUNS; run++) {
      for (const peer of peers) row.add(peer, await throughput(peer, programs, chunk));
    }
    row.report(0);
  }
});

function throughput(peer: Peer, programs: Programs, chunk: number): Promise<number> {
  const flood = (fifo: string): readonly BenchService[] => [
    { name: "flood", words: [programs.flood, fifo, String(BYTES), String(chunk)], logged: true },
  ];
  return Running.with(peer, programs, flood, async (running) => {
    const file = running.logFile("flood");
    const ended = await inTime(written(file), `${peer.name}, its log file`);
    return BYTES / 1e6 / ((ended - running.runningAt) / 1e3);
  });
}

/** The time when all of it is in the file. */
async function written(file: string): Promise<number> {
  for (;;) {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size >= BYTES) return now();
    await sleep(LOOK_MS);
  }
}
