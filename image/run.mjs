import { spawnSync } from "node:child_process";

/** Runs a program to its end; what it printed. Throws where it fails, with what it said. */
export function run(program, args, { mayFail = false } = {}) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (error !== undefined) throw new Error(`${program} cannot be started`, { cause: error });
  if (status !== 0 && !mayFail) throw new Error(`${program} ${args.join(" ")} failed: ${stderr}`);
  return stdout;
}
