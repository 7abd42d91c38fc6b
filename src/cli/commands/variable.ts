import type { Command } from "commander";
import type { VariableRow } from "../../control/api.ts";
import { UndeclaredError, UsageError } from "../../errors/rind-error.ts";
import type { Json } from "../../model/json.ts";
import { type Context, printJson, printLines } from "../context.ts";
import { payloadText, RESTRICTED } from "../render/states.ts";
import { renderTable } from "../render/table.ts";

interface Options {
  readonly unset?: true;
  readonly json?: true;
}

export function addVariable(program: Command, context: Context): void {
  program
    .command("var")
    .description("show variables; with VALUE override one, kept over restarts")
    .argument("[name]", "the variable")
    .argument("[value]", "a json object or array, else text")
    .option("--unset", "take the override away")
    .option("--json", "print as json")
    .action((name: string | undefined, value: string | undefined, options: Options) =>
      value === undefined && !options.unset ? show(context, name, options) : change(context, name, value, options),
    );
}

async function show(context: Context, name: string | undefined, options: Options): Promise<void> {
  const all = await context.withDaemon((client) => client.call("flow.variables", {}));
  if (name === undefined) {
    const rows = all.map((row) => [row.name, row.from, valueText(row, JSON.stringify)]);
    if (options.json) await printJson(context, all);
    else await printLines(context, renderTable(["VARIABLE", "FROM", "VALUE"], rows, context.terminal.columns));
    return;
  }
  const row = all.find((each) => each.name === name);
  if (row === undefined) throw new UndeclaredError(`no variable ${name}`, { hint: "rind var lists them all" });
  if (options.json) await printJson(context, row);
  else await printLines(context, [valueText(row, payloadText)]);
}

function valueText({ value, restricted }: VariableRow, text: (value: Json) => string): string {
  return restricted ? RESTRICTED : text(value);
}

async function change(context: Context, name: string | undefined, text: string | undefined, options: Options): Promise<void> {
  if (name === undefined) throw new UsageError("no variable is named", { hint: "rind var NAME --unset" });
  if (text !== undefined && options.unset) throw new UsageError("both a value and --unset are given", { hint: "leave one of them away" });
  const value = text === undefined ? undefined : readValue(text);
  const row = await context.withDaemon((client) => client.call("flow.set_variable", { name, value }));
  if (options.json) await printJson(context, row);
  else await printLines(context, [`${row.name} is ${payloadText(row.value)} (${row.from})`]);
}

/** Numbers stay text: 1.10 is not 1.1. */
function readValue(text: string): Json {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
