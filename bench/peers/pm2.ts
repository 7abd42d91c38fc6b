import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programPath } from "./found.ts";
import type { BenchService, Peer } from "./peer.ts";

const program = process.env["RIND_BENCH_PM2"] ?? programPath("pm2");

/** pm2: from PATH, or what RIND_BENCH_PM2 names; its daemon in a home of its own. */
export const pm2: Peer = {
  name: "pm2",
  unable: { chain: "knows no order" },
  lacking: () => (program === undefined ? "no pm2: npm install -g pm2, or name it in RIND_BENCH_PM2" : undefined),
  prepare(folder, services, node) {
    const [home, file] = [join(folder, "home"), join(folder, "services.json")];
    const logFile = (service: string): string => join(folder, `${service}.log`);
    writeFileSync(file, JSON.stringify({ apps: services.map((service) => app(service, folder)) }));
    const command = (...words: string[]) => ({ words: [node, program ?? "", ...words], env: { HOME: folder, PM2_HOME: home } });
    return {
      start: command("start", file, "--silent"),
      detaches: true,
      stop: command("kill", "--silent"),
      status: (service) => command("describe", service),
      root: () => Number(readFileSync(join(home, "pm2.pid"), "utf8")),
      logFile,
    };
  },
};

/** pm2 removes the files that it is given when it stops: all of them are its own, and none is /dev/null, which it would remove too. */
function app({ name, words: [script, ...args] }: BenchService, folder: string) {
  return {
    name,
    script,
    args,
    interpreter: "none",
    exec_mode: "fork",
    autorestart: true,
    max_restarts: 1_000_000,
    min_uptime: 0,
    out_file: join(folder, `${name}.log`),
    error_file: join(folder, `${name}.errors`),
    pid_file: join(folder, `${name}.pid`),
  };
}
