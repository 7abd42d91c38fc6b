import { resolve } from "node:path";
import { UsageError } from "../../errors/rind-error.ts";
import { parseDuration } from "../../lib/duration.ts";
import { holdCompilerBack } from "../../lib/small-heap.ts";
import type { dryRun } from "../../daemon/dry-run.ts";
import { ExitCode } from "../../errors/exit-code.ts";
import { formatDiagnostic } from "../../errors/unit-error.ts";
import { BadWordError, type Commands } from "../command-words.ts";
import { type Context, printJson, printLines } from "../context.ts";
import { narrationLine } from "../render/narration.ts";
import { styleFor } from "../render/style.ts";
import { unitLines } from "../render/units.ts";
import { unitsPath } from "../units-path.ts";
import { readUpWords } from "../up-words.ts";

interface Options {
  readonly detach?: true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly wait?: true;
  readonly timeout?: number;
  readonly quiet?: true;
  readonly strict?: true;
  readonly state?: string;
  readonly system?: string;
  readonly background?: true;
}

export function addUp(program: Commands, context: Context): void {
  program
    .command("up")
    .description("run the units of a folder, in the foreground")
    .argument(
      "[dir]",
      "folders of unit files, separated by : (else RIND_UNITS_PATH, else flows); taken for a service where no such folder is",
    )
    .argument("[services...]", "only these services, and what they pull in, start")
    .option("-d, --detach", "run in the background; returns when the daemon answers")
    .option("--wait", "end with 1 unless all services become ready; with -d it returns then")
    .option("--timeout <duration>", "of --wait: how long that may take, such as 30s (no limit)", readDuration)
    .option("--dry-run", "start nothing: print the units as they would run, with the place that each value comes from")
    .option("--json", "of --dry-run: print as json")
    .option("--quiet", "print neither what services print nor what becomes of them")
    .option("--strict", "warnings in unit files are errors")
    .option("--state <path>", "where states are kept (else RIND_STATE_PATH, else in the project's folder)")
    .option("--system <socket>", "this is the daemon of a user: it also has the states and signals of the daemon at this socket, to read")
    // What `--detach` starts.
    .option("--background", "")
    .action((dir: string | undefined, services: readonly string[], options: Options) =>
      up(context, [...(dir === undefined ? [] : [dir]), ...services], options),
    );
}

async function up(context: Context, words: readonly string[], options: Options): Promise<void> {
  const { terminal } = context;
  const { env, cwd } = terminal;
  if (options.timeout !== undefined && !options.wait)
    throw new UsageError("--timeout is for --wait", { hint: "rind up --wait --timeout 30s" });
  if (options.json && !options.dryRun) throw new UsageError("--json is for --dry-run", { hint: "rind up --dry-run --json" });
  const { dir, services } = readUpWords(words, cwd, unitsPath(undefined, env));
  const socket = context.socketOption() ?? (env["RIND_SOCKET"] || undefined);
  const daemon = {
    units: unitsPath(dir, env).map((folder) => resolve(cwd, folder)),
    services,
    socket: socket === undefined ? undefined : resolve(cwd, socket),
    statePath: options.state === undefined ? undefined : resolve(cwd, options.state),
    system: options.system === undefined ? undefined : resolve(cwd, options.system),
    quiet: options.quiet === true,
    strict: options.strict === true,
    wait: options.wait === true ? { timeoutMs: options.timeout } : undefined,
  };
  if (options.dryRun) {
    await printDryRun(context, { ...daemon, units: unitsPath(dir, env) }, options);
    return;
  }
  if (options.detach) {
    const { startDetached } = await import("../start-detached.ts");
    context.exitWith(await startDetached(context, daemon));
    return;
  }
  holdCompilerBack();
  // Loaded here and nowhere else: no other command needs the packages that the daemon does.
  const { runDaemon } = await import("../../daemon/run-daemon.ts");
  const style = styleFor({ colour: terminal.errColour, unicode: terminal.unicode });
  const exitCode = await runDaemon({
    ...daemon,
    self: terminal.self,
    machine: undefined,
    foreground: options.background !== true,
    narration: (line) => narrationLine(line, style),
  });
  context.exitWith(exitCode);
}

async function printDryRun(
  context: Context,
  run: Omit<Parameters<typeof dryRun>[0], "env" | "cwd">,
  { json }: { readonly json?: true },
): Promise<void> {
  const { env, cwd } = context.terminal;
  const { dryRun: look } = await import("../../daemon/dry-run.ts");
  const { diagnostics, explained } = await look({ ...run, env, cwd });
  for (const diagnostic of diagnostics) context.terminal.err(`${diagnostic.severity}: ${formatDiagnostic(diagnostic)}\n`);
  if (explained === undefined) context.exitWith(ExitCode.badUnits);
  else if (json) await printJson(context, explained);
  else await printLines(context, unitLines(explained, context.style));
}

/** Milliseconds. */
function readDuration(text: string): number {
  const ms = parseDuration(text) ?? (/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : undefined);
  if (ms === undefined) throw new BadWordError("write 30s, 2m or a number of seconds.");
  return ms;
}
