import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Programs, withPrograms } from "../peers/programs.ts";
import { rinds, socketIn } from "../peers/rind.ts";
import { Running } from "../peers/running.ts";
import { median, report, rounded } from "../support/measure.ts";
import { request, Wire } from "../support/wire.ts";

/** How many requests the daemon takes in a second: emits that nobody hears, with few and with many services declared, and sets that are on the disk. */
const DECLARED = [10, 10_000];
const ROUNDS = 10;
const EMITS = 5_000;
const CLIENTS = 32;
const SET_SECONDS = 3;
/** Until a daemon has settled after its start: it optimizes nothing at first, and collects its garbage some seconds later. */
const SETTLED_MS = 12_000;
const AHEAD = [1, 32];
const STATE = '[[state]]\nname = "kept"\n\n[[signal]]\nname = "unheard"\n';

await withPrograms(async (programs) => {
  for (const peer of rinds(STATE)) {
    await emits(programs, peer);
    await sets(programs, peer);
  }
});

type Rind = ReturnType<typeof rinds>[number];

/** The daemons run side by side and are asked in turn, so that what else the machine does hits both. */
async function emits(programs: Programs, peer: Rind): Promise<void> {
  const [few = 0, many = 0] = DECLARED;
  const rates = new Map(DECLARED.map((declared) => [declared, [] as number[]]));
  await withDaemon(programs, peer, few, (one) =>
    withDaemon(programs, peer, many, async (other) => {
      const wires = new Map([
        [few, await Wire.open(one)],
        [many, await Wire.open(other)],
      ]);
      await sleep(SETTLED_MS);
      const emit = request("flow.emit", { name: "bench@unheard" }).repeat(EMITS);
      for (let round = 0; round < ROUNDS; round++) {
        for (const [declared, wire] of wires) {
          const began = performance.now();
          await wire.call(emit);
          // The first is for the compiler.
          if (round > 0) rates.get(declared)?.push(EMITS / ((performance.now() - began) / 1e3));
        }
      }
      for (const wire of wires.values()) wire.close();
    }),
  );
  const [withFew, withMany] = [median(rates.get(few) ?? []), median(rates.get(many) ?? [])];
  report(`emits per second that nobody hears, ${many} services declared`, {
    rind: peer.name,
    measured: rounded(withMany, 0),
    beside: `${few} declared: ${rounded(withFew, 0)}, ratio ${rounded(withFew / withMany)}`,
  });
}

async function sets(programs: Programs, peer: Rind): Promise<void> {
  await withDaemon(programs, peer, 0, async (socket, folder) => {
    await sleep(SETTLED_MS);
    for (const ahead of AHEAD) {
      const [syncs, rate] = [fsyncsPerSecond(folder), await setsPerSecond(socket, ahead)];
      report(`sets per second on the disk, ${CLIENTS} clients with ${ahead} under way each`, {
        rind: peer.name,
        measured: rounded(rate, 0),
        beside: `fdatasync: ${rounded(syncs, 0)}/s, times ${CLIENTS * ahead}: ${rounded(syncs * CLIENTS * ahead, 0)}`,
      });
    }
  });
}

async function setsPerSecond(socket: string, ahead: number): Promise<number> {
  const wires = await Promise.all(Array.from({ length: CLIENTS }, () => Wire.open(socket)));
  const until = performance.now() + SET_SECONDS * 1e3;
  let done = 0;
  await Promise.all(
    wires.map(async (wire, client) => {
      for (let n = 0; performance.now() < until; n++) {
        const batch = Array.from({ length: ahead }, (_, i) =>
          request("flow.set", { name: "bench@kept", payload: { id: `${client}-${i}`, n } }),
        );
        await wire.call(batch.join(""));
        done += ahead;
      }
    }),
  );
  for (const wire of wires) wire.close();
  return done / SET_SECONDS;
}

/** How often the disk below the journal takes a few bytes for good: a write and fdatasync, as the journal does them. */
function fsyncsPerSecond(folder: string): number {
  const file = openSync(join(folder, "probe"), "w");
  const began = performance.now();
  let syncs = 0;
  for (; performance.now() - began < 1_000; syncs++) {
    writeSync(file, "a line of the journal, more or less as long as such a line is\n");
    fdatasyncSync(file);
  }
  closeSync(file);
  return syncs;
}

async function withDaemon(
  programs: Programs,
  peer: Rind,
  declared: number,
  use: (socket: string, folder: string) => Promise<void>,
): Promise<void> {
  const services = (fifo: string) => [
    { name: "first", words: [programs.service, fifo] },
    ...Array.from({ length: declared }, (_, i) => ({ name: `s${i}`, words: [programs.service, fifo], on: `signal${i}` })),
  ];
  await Running.with(peer, programs, services, ({ folder }) => use(socketIn(folder), folder), 1);
}
