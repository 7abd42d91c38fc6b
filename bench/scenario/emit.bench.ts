import { setTimeout as sleep } from "node:timers/promises";
import { type Programs, withPrograms } from "../peers/programs.ts";
import { rinds, socketIn } from "../peers/rind.ts";
import { Running } from "../peers/running.ts";
import { staying } from "../peers/workloads.ts";
import { median, percentile, report, rounded } from "../support/measure.ts";
import { request, Wire } from "../support/wire.ts";

/** From the request to emit, at the moment when it is written, until the service that it starts has begun; one that starts one, and one that starts all. */
const MANY = 1_000;
const TIMES = Number(process.env["RIND_BENCH_TIMES"] ?? 300);
/** Until the service of the time before has ended, and that is known. */
const APART_MS = 20;

await withPrograms(async (programs) => {
  for (const peer of rinds()) {
    await oneOfMany(programs, peer);
    await fanOut(programs, peer);
  }
});

type Rind = ReturnType<typeof rinds>[number];

interface Listening {
  readonly peer: Rind;
  readonly programs: Programs;
  readonly services: Parameters<typeof Running.with>[2];
  /** How many of them run before anything is emitted. */
  readonly first: number;
}

/** `use` gets what emits `go`, and answers how many milliseconds later so many services more have begun. */
async function heard(
  { peer, programs, services, first }: Listening,
  use: (untilBegun: (services: number) => Promise<number>) => Promise<void>,
): Promise<void> {
  const measure = async (running: Running): Promise<void> => {
    const wire = await Wire.open(socketIn(running.folder));
    await use((more) => running.untilBegun(more, () => void wire.call(request("flow.emit", { name: "bench@go" }))));
    wire.close();
  };
  await Running.with(peer, programs, services, measure, first);
}

async function oneOfMany(programs: Programs, peer: Rind): Promise<void> {
  const services = (fifo: string) => [
    ...staying(programs, MANY)(fifo),
    ...staying(programs, MANY)(fifo).map((service, i) => ({ ...service, name: `other${i}`, on: `other-signal${i}` })),
    { name: "heard", words: [programs.service, fifo, "once"], oneshot: true, on: "go" },
  ];
  const took: number[] = [];
  await heard({ peer, programs, services, first: MANY }, async (untilBegun) => {
    for (let time = 0; time < TIMES; time++) {
      await sleep(APART_MS);
      took.push(await untilBegun(1));
    }
  });
  report(`emit to the first instruction of the service, ${MANY} running and ${MANY} listening to something else`, {
    rind: peer.name,
    measured: `${rounded(median(took))} ms, 99 % under ${rounded(percentile(took, 99))} ms`,
    beside: "2 ms, 10 ms",
    times: TIMES,
  });
}

async function fanOut(programs: Programs, peer: Rind): Promise<void> {
  const services = (fifo: string) => [
    { name: "first", words: [programs.service, fifo] },
    ...staying(programs, MANY)(fifo).map((service) => ({ ...service, on: "go" })),
  ];
  const [fans, boots]: [number[], number[]] = [[], []];
  for (let run = 0; run < 3; run++) {
    await Running.with(peer, programs, staying(programs, MANY), ({ bootMs }) => void boots.push(bootMs));
    await heard({ peer, programs, services, first: 1 }, async (untilBegun) => {
      await sleep(500);
      fans.push(await untilBegun(MANY));
    });
  }
  report(`one signal to ${MANY} services, until all run`, {
    rind: peer.name,
    measured: `${rounded(median(fans), 0)} ms`,
    beside: `boot of ${MANY}: ${rounded(median(boots), 0)} ms, ratio ${rounded(median(fans) / median(boots))}`,
  });
}
