import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustFind, programPath } from "./found.ts";
import type { BenchService, Peer } from "./peer.ts";

const given = process.env["RIND_BENCH_DINIT"];
const folders = given === undefined ? undefined : [given];

/** dinit: from PATH, or from the folder that RIND_BENCH_DINIT names. */
export const dinit: Peer = {
  name: "dinit",
  unable: { log: "the service writes its file itself" },
  lacking: () =>
    programPath("dinit", folders) === undefined || programPath("dinitctl", folders) === undefined
      ? "no dinit and dinitctl: not in Debian 12; Debian 13 has the package dinit, else build it from its source and name the folder in RIND_BENCH_DINIT"
      : undefined,
  prepare(folder, services) {
    const [socket, units] = [join(folder, "socket"), join(folder, "units")];
    mkdirSync(units);
    for (const service of services) writeFileSync(join(units, service.name), description(service));
    writeFileSync(join(units, "boot"), `type = internal\n${services.map(({ name }) => `depends-on = ${name}\n`).join("")}`);
    return {
      start: { words: [mustFind("dinit", folders), "-u", "-q", "-d", units, "-p", socket, "boot"], env: { HOME: folder } },
      stop: "SIGTERM",
      status: (service) => ({ words: [mustFind("dinitctl", folders), "-p", socket, "status", service] }),
      root: (started) => started,
    };
  },
};

function description({ words, oneshot = false, after }: BenchService): string {
  const lines = [`type = ${oneshot ? "scripted" : "process"}`, `command = ${words.join(" ")}`];
  if (after !== undefined) lines.push(`depends-on = ${after}`);
  // In place, or what depends on it would be stopped first.
  if (!oneshot) lines.push("smooth-recovery = true", "restart = true", "restart-delay = 0", "restart-limit-count = 0");
  return `${lines.join("\n")}\n`;
}
