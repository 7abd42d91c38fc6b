import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BenchService, Peer } from "./peer.ts";

/** This program: `dist/rind.js`, or what RIND_BENCH_RIND says, which may be several to be held against each other: `old=/path/rind.js,new=/path/rind.js`. */
const programs = (process.env["RIND_BENCH_RIND"] ?? resolve("dist/rind.js")).split(",").map((word) => {
  const [name = "", path = ""] = word.includes("=") ? word.split("=", 2) : ["rind", word];
  return { name, path };
});

/** A peer for each of these programs; `units`: what it is given beside the services. */
export function rinds(units = ""): readonly Peer[] {
  return programs.map(({ name, path }) => rind(name, path, units));
}

/** Where a daemon that was prepared in this folder listens. */
export function socketIn(folder: string): string {
  return join(folder, "socket");
}

function rind(name: string, program: string, more: string): Peer {
  return {
    name,
    lacking: () => (existsSync(program) ? undefined : `no ${program}: npm run build`),
    prepare(folder, services, node) {
      const [socket, state, units] = [socketIn(folder), join(folder, "state"), join(folder, "units")];
      mkdirSync(units);
      const signals = new Set(services.flatMap(({ on }) => on ?? []));
      const parts = [
        more,
        ...[...signals].map((signal) => `[[signal]]\nname = "${signal}"\n`),
        ...services.map((service) => unit(folder, service)),
      ];
      writeFileSync(join(units, "bench.toml"), parts.join("\n"));
      const env = { XDG_RUNTIME_DIR: folder };
      return {
        start: { words: [node, program, "up", "--quiet", "--socket", socket, "--state", state, units], env },
        stop: "SIGTERM",
        status: (service) => ({ words: [node, program, "status", "--socket", socket, `bench@${service}`], env }),
        root: (started) => started,
        logFile: (service) => logFile(folder, service),
      };
    },
  };
}

function unit(
  folder: string,
  { name, words: [exec = "", ...args], oneshot = false, after, on = "rind@boot", logged = false }: BenchService,
): string {
  const lines = ["[[service]]", `name = "${name}"`, `run.exec = "${exec}"`, `run.args = ${JSON.stringify(args)}`];
  if (oneshot) lines.push('type = "oneshot"');
  else lines.push('restart = { on = "always", max-retries = "unlimited", delay = 0 }');
  if (after !== undefined) lines.push(`after = ["${after}"]`);
  else lines.push(`start-on = ["${on}"]`);
  if (logged) lines.push(`log.file = "${logFile(folder, name)}"`, "log.max-size = 0");
  return `${lines.join("\n")}\n`;
}

function logFile(folder: string, service: string): string {
  return join(folder, `${service}.log`);
}
