import { formatDuration } from "../../lib/duration.ts";
import { runCommand } from "../run-command.ts";
import { describeProbe } from "./describe-probe.ts";
import type { Look, LookingProbe, ProbeResult } from "./look.ts";

type ExecProbe = Extract<LookingProbe, { readonly kind: "exec" }>;

/** How much of its last words is shown. */
const SHOWN = 120;

/** Success: the command ends with exit code 0. When it ends or is out of time, what it has started ends with it. */
export async function execProbe(probe: ExecProbe, look: Look): Promise<ProbeResult> {
  const subject = describeProbe(probe);
  const { owner, env, cwd, identity, timeoutMs, abort } = look;
  const { program, args } = probe;
  let last = "";
  const onLine = (_: string, line: Buffer): void => {
    last = line.subarray(0, SHOWN).toString().trim() || last;
  };
  const { failure, timedOut, exit } = await runCommand({
    owner,
    program,
    args,
    env,
    cwd,
    identity,
    timeoutMs,
    maxOutput: 0,
    abort,
    onLine,
  });
  if (failure !== undefined) return { ok: false, why: `${subject}: ${failure.message}` };
  if (timedOut) return { ok: false, why: `${subject}: killed, as it took longer than ${formatDuration(timeoutMs)}` };
  if (exit?.kind === "code" && exit.code === 0) return { ok: true };
  const end = exit?.kind === "code" ? `exit code ${exit.code}` : `killed by ${exit?.by ?? "the end of its probe"}`;
  return { ok: false, why: `${subject}: ${end}${last === "" ? "" : ` (${last})`}` };
}
