/**
 * Makes the bytecode of what Rind uses from its start until its first services run, and of its common commands, out of a short life of a daemon:
 * without it more than half of the time to the first service is spent on compiling.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const PATIENCE_MS = 20_000;
const LOOK_MS = 20;

const UNITS = `[[service]]
name = "stays"
run = "sleep 1000"
restart = true
[[service]]
name = "ends"
run.shell = "echo ready"
after = ["stays"]
[[state]]
name = "known"
payload = "string"
[[signal]]
name = "heard"
`;

/** Carried out one after the other; the last one ends the daemon. */
const COMMANDS = [
  ["status", "stays"],
  ["status"],
  ["list"],
  ["emit", "heard"],
  ["set", "known", "yes"],
  ["get", "known"],
  ["unset", "known"],
  ["why", "stays"],
  ["logs", "-n", "5", "ends"],
  ["stop", "stays"],
  ["start", "stays"],
  ["restart", "--json", "stays"],
  ["stop", "nobody"],
  ["down"],
];

/** `folder` has NAME.cjs of each of `bundles` (their names by what they are) and gets NAME.bytecode. Throws where the program does not run. */
export async function keepBytecode({ node, folder, bundles }) {
  const work = mkdtempSync(join(tmpdir(), "rind-bytecode-"));
  const socket = join(work, "socket");
  const program = [join(import.meta.dirname, "record.cjs"), folder, ...Object.entries(bundles).map((pair) => pair.join("=")), "--"];
  const words = ["--socket", socket, "up", "--state", join(work, "state"), "--background"];
  const options = { cwd: work, env: { PATH: process.env.PATH, HOME: work, XDG_RUNTIME_DIR: work }, timeout: PATIENCE_MS };
  mkdirSync(join(work, "flows"));
  writeFileSync(join(work, "flows/units.toml"), UNITS);
  const daemon = spawn(node, [...program, ...words], { ...options, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  daemon.stderr.on("data", (text) => {
    errors += text;
  });
  const ended = once(daemon, "exit");
  try {
    while (!existsSync(socket) && daemon.exitCode === null && daemon.signalCode === null) await delay(LOOK_MS);
    // What is refused has its bytecode too: exit codes are no matter.
    for (const command of COMMANDS) spawnSync(node, [...program, "--socket", socket, ...command], { ...options, stdio: "ignore" });
    const [code, signal] = await ended;
    if (code !== 0) throw new Error(`the run that makes the bytecode ended with ${code ?? signal}: ${errors}`);
  } finally {
    daemon.kill("SIGKILL");
    rmSync(work, { recursive: true, force: true });
  }
}
