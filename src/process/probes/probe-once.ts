import { connectProbe } from "./connect-probe.ts";
import { execProbe } from "./exec-probe.ts";
import { httpProbe } from "./http-probe.ts";
import type { Look, LookingProbe, ProbeResult } from "./look.ts";

/** One look, which ends within its time. Never rejects. */
export function probeOnce(probe: LookingProbe, look: Look): Promise<ProbeResult> {
  switch (probe.kind) {
    case "exec":
      return execProbe(probe, look);
    case "http":
      return httpProbe(probe, look);
    case "tcp":
    case "unix":
      return connectProbe(probe, look);
  }
}
