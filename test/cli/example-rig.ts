import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, relative, resolve } from "node:path";
import { type Project, project } from "./daemon-rig.ts";

const EXAMPLES = resolve(import.meta.dirname, "../../flows/examples");

/** What the examples run beside Node and a shell, where Debian's packages have it: tests without it are skipped. */
export const HAS = {
  nginx: existsSync("/usr/sbin/nginx"),
  postgres: existsSync("/usr/lib/postgresql"),
  redis: existsSync("/usr/bin/redis-server"),
  systemdNotify: existsSync("/usr/bin/systemd-notify"),
};

export interface Example extends Project {
  /** The port that stands in this copy for one of the example's own. */
  port(own: number): number;
}

/**
 * A copy of all examples, as a project of the test's own: each port is exchanged for one that is free, so that tests can run beside
 * each other and beside what is on this machine, and the texts of `replace` in unit files (times, mostly) for others.
 */
export async function example(replace: Readonly<Record<string, string>> = {}): Promise<Example> {
  const files: Record<string, string> = {};
  const ports = new Map<string, number>();
  for (const entry of readdirSync(EXAMPLES, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    let text = readFileSync(path, "utf8");
    if (/\.(toml|conf)$/.test(path)) {
      for (const [port] of text.matchAll(/\b1\d{4}\b/g)) if (!ports.has(port)) ports.set(port, await freePort());
      text = text.replaceAll(/\b1\d{4}\b/g, (port) => String(ports.get(port)));
    }
    if (path.endsWith(".toml")) for (const [from, to] of Object.entries(replace)) text = text.replaceAll(from, to);
    files[relative(EXAMPLES, path)] = text;
  }
  const p = project(files);
  // servers that do not run as root have to reach their folders
  chmodSync(p.folder, 0o755);
  return {
    ...p,
    port: (own) => {
      const port = ports.get(String(own));
      if (port === undefined) throw new Error(`no example uses port ${own}`);
      return port;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === "object" ? done(address.port) : failed(new Error("no port"))));
    });
  });
}
