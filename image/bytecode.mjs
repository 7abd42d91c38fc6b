/**
 * Makes the bytecode of what Rind uses from its start until its first services run, out of a short life of a daemon: without it a fifth of the time
 * to `rind@up` is spent on compiling.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PATIENCE_MS = 60_000;

/** The last one ends the daemon. */
const UNITS = `[[service]]
name = "stays"
run = "sleep 1000"
restart = true
[[service]]
name = "ends"
run.shell = "echo ready"
after = ["stays"]
[[service]]
name = "end"
run.shell = "kill -TERM $PPID"
start-on = ["rind@up"]
`;

/** The program as a function of `require`, and the bytecode of it: paths in `folder`. `assets`: the folder of what else lies in the executable. */
export function keepBytecode({ node, main, folder, assets }) {
  const program = join(folder, "program.cjs");
  const bytecode = join(folder, "rind.bytecode");
  writeFileSync(program, `(function (require) {${readFileSync(main, "latin1").replace(/^#!.*\n/, "")}\n})`, "latin1");
  rmSync(bytecode, { force: true });
  const work = mkdtempSync(join(tmpdir(), "rind-bytecode-"));
  try {
    mkdirSync(join(work, "flows"));
    writeFileSync(join(work, "flows/units.toml"), UNITS);
    const script = join(import.meta.dirname, "keep-bytecode.cjs");
    const words = ["--socket", join(work, "socket"), "up", "--state", join(work, "state")];
    const { status, signal, stderr } = spawnSync(node, [script, program, bytecode, assets, ...words], {
      cwd: work,
      env: { PATH: process.env.PATH, HOME: work, XDG_RUNTIME_DIR: work },
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
      timeout: PATIENCE_MS,
    });
    if (status !== 0) throw new Error(`the run that makes the bytecode ended with ${status ?? signal}: ${stderr}`);
    return { program, bytecode };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
