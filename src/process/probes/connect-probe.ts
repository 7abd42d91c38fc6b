import { connect } from "node:net";
import { bounded, inWords } from "./bounded.ts";
import { describeProbe } from "./describe-probe.ts";
import type { Look, LookingProbe, ProbeResult } from "./look.ts";

type ConnectProbe = Extract<LookingProbe, { readonly kind: "tcp" | "unix" }>;

/** Success: a connection is accepted, by the kernel on behalf of who listens. It is closed at once. */
export function connectProbe(probe: ConnectProbe, look: Look): Promise<ProbeResult> {
  const subject = describeProbe(probe);
  return bounded(subject, look, (answer) => {
    const socket = connect(probe.kind === "unix" ? { path: probe.path } : { host: probe.host, port: probe.port });
    socket.once("connect", () => answer({ ok: true }));
    socket.on("error", (error) => answer({ ok: false, why: `${subject}: ${inWords(error)}` }));
    return () => socket.destroy();
  });
}
