import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lackOf, mustFind } from "./found.ts";
import type { BenchService, Peer } from "./peer.ts";

export const supervisord: Peer = {
  name: "supervisord",
  unable: { chain: "knows no order but by number, and waits for nothing" },
  lacking: () => lackOf(["supervisord", "supervisorctl"], "supervisor"),
  prepare(folder, services) {
    const file = join(folder, "supervisord.conf");
    const logFile = (service: string): string => join(folder, `${service}.log`);
    writeFileSync(file, [head(folder), ...services.map((service) => program(service, logFile))].join("\n"));
    return {
      start: { words: [mustFind("supervisord"), "-n", "-c", file] },
      stop: "SIGTERM",
      status: (service) => ({ words: [mustFind("supervisorctl"), "-c", file, "status", service] }),
      root: (started) => started,
      logFile,
    };
  },
};

function head(folder: string): string {
  return `[supervisord]
nodaemon = true
user = ${process.env["USER"] ?? "root"}
logfile = ${join(folder, "supervisord.log")}
logfile_maxbytes = 0
pidfile = ${join(folder, "pid")}
minfds = 8192

[unix_http_server]
file = ${join(folder, "socket")}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://${join(folder, "socket")}
`;
}

function program({ name, words, logged = false }: BenchService, logFile: (service: string) => string): string {
  return `[program:${name}]
command = ${words.join(" ")}
autorestart = true
startsecs = 0
stdout_logfile = ${logged ? logFile(name) : "NONE"}
stdout_logfile_maxbytes = 0
stderr_logfile = NONE
`;
}
