import { ExitCode } from "../errors/exit-code.ts";
import { RindError } from "../errors/rind-error.ts";
import type { Outlets } from "../log/outlet.ts";
import type { UnitSet } from "../model/unit-set.ts";
import type { Launcher } from "../process/launcher.ts";
import { printOutputLine } from "./service-output.ts";
import { runStartup } from "./startup.ts";
import type { Stopper } from "./stopper.ts";
import { runShell, whenEmpty } from "./when-empty.ts";

export interface BeforeServices {
  readonly launcher: Launcher;
  readonly env: Readonly<Record<string, string>>;
  /** The project folder. */
  readonly cwd: string;
  readonly stopper: Stopper;
  readonly quiet: boolean;
  readonly outlets: Outlets;
  /** It is there for more than the services that it has now. */
  readonly stays: boolean;
}

/**
 * What comes before the first service (SPEC 8): the startup program; then, where no service is declared, what the units want instead.
 * Answers "go on", or the exit code of a run that is over. Throws where the startup program fails.
 */
export async function beforeServices({ services, settings }: UnitSet, ground: BeforeServices): Promise<number | "go on"> {
  const { launcher, env, cwd, stopper, quiet, outlets, stays } = ground;
  const { asked, forced } = stopper;
  if (settings.startup !== undefined) {
    const flaw = await runStartup(settings.startup, {
      launcher,
      env,
      cwd,
      asked,
      forced,
      onLine: (stream, line) => {
        if (!quiet) printOutputLine("startup", line, outlets[stream]);
      },
    });
    if (flaw !== undefined) throw new RindError(`the startup program ${settings.startup.program} failed, so nothing starts: ${flaw}`);
  }
  if (asked.aborted) return ExitCode.done;
  if (services.length > 0) return "go on";
  const say = (text: string): void => {
    if (!quiet) outlets.stderr.write(`no service is declared: ${text}\n`);
  };
  const hasTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  switch (whenEmpty(settings, { isFirst: process.pid === 1, hasTerminal, stays })) {
    case "wait":
      say("there is nothing to run until a reload");
      return "go on";
    case "exit":
      say('there is nothing to run ([settings] on-empty = "wait" stays)');
      return ExitCode.done;
    case "shell":
      say("this is an interactive shell");
      return runShell({ env, cwd, asked, forced });
  }
}
