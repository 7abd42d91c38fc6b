import type { Command } from "commander";
import { ExitCode } from "../../errors/exit-code.ts";
import { type Diagnostic, formatDiagnostic } from "../../errors/unit-error.ts";
import { type Context, printJson, printLines } from "../context.ts";
import { unitsPath } from "../units-path.ts";

interface Options {
  readonly strict?: true;
  readonly json?: true;
}

export function addCheck(program: Command, context: Context): void {
  program
    .command("check")
    .description("check unit files without running them")
    .argument("[dir]", "folders of unit files, separated by : (else RIND_UNITS_PATH, else flows)")
    .option("--strict", "warnings are errors")
    .option("--json", "print as json")
    .action((dir: string | undefined, options: Options) => check(context, dir, options));
}

async function check(context: Context, dir: string | undefined, options: Options): Promise<void> {
  const { env, cwd } = context.terminal;
  // Loaded when it is needed: the parser and its schemas take longer than most commands.
  const { loadUnits } = await import("../../unit/load.ts");
  const { units, diagnostics } = await loadUnits({ path: unitsPath(dir, env), strict: options.strict === true, env, cwd });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const warnings = diagnostics.filter(({ severity }) => severity === "warning");
  if (options.json) {
    await printJson(context, { errors: errors.map(withoutSeverity), warnings: warnings.map(withoutSeverity) });
  } else {
    await printLines(context, [
      ...diagnostics.map((mistake) => `${mistake.severity}: ${formatDiagnostic(mistake)}`),
      summary(errors.length, warnings.length),
      ...(units?.services.length === 0 ? ["no service is declared"] : []),
    ]);
  }
  if (errors.length > 0) context.exitWith(ExitCode.badUnits);
}

function withoutSeverity({ file, line, column, message, hint }: Diagnostic): Omit<Diagnostic, "severity"> {
  return { file, line, column, message, hint };
}

function summary(errors: number, warnings: number): string {
  const count = (many: number, what: string) => `${many} ${what}${many === 1 ? "" : "s"}`;
  return errors + warnings === 0 ? "no mistakes" : `${count(errors, "error")}, ${count(warnings, "warning")}`;
}
