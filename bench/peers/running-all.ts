import type { BenchService, Peer } from "./peer.ts";
import type { Programs } from "./programs.ts";
import { Running } from "./running.ts";

/** Lets each of the peers run the same services, one beside the other, for as long as `use` takes. */
export async function allRunning(
  peers: readonly Peer[],
  programs: Programs,
  services: (fifo: string) => readonly BenchService[],
  use: (running: ReadonlyMap<Peer, Running>) => Promise<void>,
): Promise<void> {
  const all = new Map<Peer, Running>();
  const startNext = async (): Promise<void> => {
    const peer = peers[all.size];
    if (peer === undefined) return use(all);
    await Running.with(peer, programs, services, (running) => {
      all.set(peer, running);
      return startNext();
    });
  };
  await startNext();
}
