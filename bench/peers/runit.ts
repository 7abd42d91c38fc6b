import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lackOf, mustFind } from "./found.ts";
import type { Peer } from "./peer.ts";
import { serviceFolder } from "./run-script.ts";

/** runit: runsvdir with a runsv for each service, and svlogd for what is logged. */
export const runit: Peer = {
  name: "runit",
  unable: { chain: "has no oneshots" },
  lacking: () => lackOf(["runsvdir", "runsv", "sv", "svlogd"], "runit"),
  prepare(folder, services) {
    const scan = join(folder, "services");
    const logs = (service: string): string => join(folder, "logs", service);
    for (const service of services) {
      const own = serviceFolder(scan, service);
      if (service.logged !== true) continue;
      mkdirSync(logs(service.name), { recursive: true });
      writeFileSync(join(logs(service.name), "config"), "s1000000000\n");
      serviceFolder(own, { name: "log", words: [mustFind("svlogd"), logs(service.name)] });
    }
    // It waits for the next second when the folder is as young as this one.
    utimesSync(scan, 0, 0);
    return {
      start: { words: [mustFind("runsvdir"), "-P", scan] },
      stop: "SIGHUP",
      status: (service) => ({ words: [mustFind("sv"), "status", join(scan, service)] }),
      root: (started) => started,
      logFile: (service) => join(logs(service), "current"),
    };
  },
};
