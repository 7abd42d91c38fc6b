import { formatDiagnostic } from "../../../src/errors/unit-error.ts";
import type { ServiceDecl, SignalDecl, StateDecl, UnitSet } from "../../../src/model/unit-set.ts";
import { type LoadedUnits, parseUnits } from "../../../src/unit/load.ts";

type Texts = string | Readonly<Record<string, string>>;
type Options = NonNullable<Parameters<typeof parseUnits>[1]>;

/** A text alone is `g.toml`. */
export function parse(texts: Texts, options: Options = {}): Promise<LoadedUnits> {
  return parseUnits(new Map(Object.entries(typeof texts === "string" ? { "g.toml": texts } : texts)), options);
}

/** What is said about `texts`, one line each. */
export async function told(texts: Texts, options: Options = {}): Promise<string[]> {
  const { diagnostics } = await parse(texts, options);
  return diagnostics.map((each) => `${each.severity === "warning" ? "warning " : ""}${formatDiagnostic(each)}`);
}

/** The units of `texts`, which have no errors. */
export async function unitsOf(texts: Texts, options: Options = {}): Promise<UnitSet> {
  const { units, diagnostics } = await parse(texts, options);
  if (units === undefined) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return units;
}

/** A service `g@s` that runs `/bin/x`, with these lines. */
export async function serviceOf(lines: string, options: Options = {}): Promise<ServiceDecl> {
  const { services } = await unitsOf(service(lines), options);
  return found(services.find(({ name }) => name === "g@s"));
}

export function service(lines: string): string {
  const run = /^run\b/m.test(lines) ? "" : 'run = "/bin/x"\n';
  return `[[service]]\nname = "s"\n${run}${lines}\n`;
}

export async function stateOf(text: string, name: string): Promise<StateDecl> {
  return found((await unitsOf(text)).states.find((each) => each.name === name));
}

export async function signalOf(text: string, name: string): Promise<SignalDecl> {
  return found((await unitsOf(text)).signals.find((each) => each.name === name));
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("no such item");
  return value;
}
