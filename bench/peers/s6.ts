import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lackOf, mustFind } from "./found.ts";
import type { Peer } from "./peer.ts";
import { serviceFolder } from "./run-script.ts";

/** The most bytes that s6-log takes for one file. */
const NEVER_ROTATED = "s268435455";

/** s6: s6-svscan with an s6-supervise for each service, and s6-log for what is logged. */
export const s6: Peer = {
  name: "s6",
  unable: { chain: "has no oneshots without s6-rc" },
  lacking: () => lackOf(["s6-svscan", "s6-supervise", "s6-svstat", "s6-log"], "s6"),
  prepare(folder, services) {
    const scan = join(folder, "services");
    const logs = (service: string): string => join(folder, "logs", service);
    mkdirSync(join(folder, "logs"));
    for (const service of services) {
      const own = serviceFolder(scan, service);
      // One that never said that it is ready is started again only after a second, however long it has run.
      if (service.killed === true) writeFileSync(join(own, "notification-fd"), "3\n");
      if (service.logged === true) serviceFolder(own, { name: "log", words: [mustFind("s6-log"), NEVER_ROTATED, logs(service.name)] });
    }
    return {
      start: { words: [mustFind("s6-svscan"), "-c", String(services.length * 2 + 10), scan] },
      stop: "SIGTERM",
      status: (service) => ({ words: [mustFind("s6-svstat"), join(scan, service)] }),
      root: (started) => started,
      logFile: (service) => join(logs(service), "current"),
    };
  },
};
