import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import type { Settings } from "../model/unit-set.ts";

/** What happens where no service is declared (SPEC 8); `isFirst`: this is PID 1; `stays`: the daemon is there for more than services. */
export function whenEmpty(
  { onEmpty }: Settings,
  { isFirst, hasTerminal, stays }: { isFirst: boolean; hasTerminal: boolean; stays: boolean },
): "shell" | "wait" | "exit" {
  if (onEmpty !== undefined) return onEmpty;
  if (stays) return "wait";
  return isFirst && hasTerminal ? "shell" : "exit";
}

/** An interactive shell on the terminal of this process; resolves with its exit code. `asked` hangs it up, `forced` kills it. */
export async function runShell(run: {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly asked: AbortSignal;
  readonly forced: AbortSignal;
}): Promise<number> {
  const { env, cwd, asked, forced } = run;
  const shell = env["SHELL"] || ["/bin/bash", "/usr/bin/bash"].find((path) => existsSync(path)) || "/bin/sh";
  // Loaded here: no other daemon needs it at its start.
  const { spawn } = await import("node:child_process");
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(shell, ["-i"], { env, cwd, stdio: "inherit" });
    // An interactive shell ignores SIGTERM; a terminal that goes is what ends it.
    const hangUp = (): void => void child.kill("SIGHUP");
    const kill = (): void => void child.kill("SIGKILL");
    asked.addEventListener("abort", hangUp, { once: true });
    forced.addEventListener("abort", kill, { once: true });
    child.once("error", reject);
    child.once("exit", (code, killSignal) => {
      asked.removeEventListener("abort", hangUp);
      forced.removeEventListener("abort", kill);
      if (asked.aborted) resolve(0);
      else resolve(code ?? 128 + (killSignal === null ? 0 : constants.signals[killSignal]));
    });
  });
}
