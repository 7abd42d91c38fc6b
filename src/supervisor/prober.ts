import { type NotifySocket, openNotifySocket } from "../process/notify-socket.ts";
import type { Look, LookingProbe, ProbeResult } from "../process/probes/look.ts";
import { probeOnce } from "../process/probes/probe-once.ts";
import type { Datagram } from "../process/sys.ts";

/** What watching runs needs of the system; tests have one on paper. */
export interface Prober {
  /** One look. Calls back once, never inside of this call; returns the way to give it up, after which nothing is called back. */
  look(probe: LookingProbe, look: Omit<Look, "abort">, done: (result: ProbeResult) => void): () => void;
  openSocket(path: string, onMessage: (message: Datagram) => void): NotifySocket | { readonly failure: string };
}

export const systemProber: Prober = {
  look: (probe, look, done) => {
    const abort = new AbortController();
    void probeOnce(probe, { ...look, abort: abort.signal }).then((result) => {
      if (!abort.signal.aborted) done(result);
    });
    return () => abort.abort();
  },
  openSocket: (path, onMessage) => openNotifySocket({ path, onMessage }),
};
