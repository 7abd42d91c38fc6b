import type { Program } from "../flow/program.ts";
import type { Json } from "../model/json.ts";
import type { PermissionDecl, ServiceDecl, SignalDecl, StateDecl, UnitSet, VariableDecl } from "../model/unit-set.ts";

/** The units of now with what is looked up in them; replaced as a whole by a reload. */
export class UnitIndex {
  readonly units: UnitSet;
  readonly program: Program;
  readonly states: ReadonlyMap<string, StateDecl>;
  readonly signals: ReadonlyMap<string, SignalDecl>;
  /** In the order of their names. */
  readonly services: ReadonlyMap<string, ServiceDecl>;
  readonly variables: ReadonlyMap<string, VariableDecl>;
  readonly permissions: ReadonlyMap<string, PermissionDecl>;

  constructor(units: UnitSet, program: Program) {
    this.units = units;
    this.program = program;
    this.states = new Map(units.states.map((decl) => [decl.name, decl]));
    this.signals = new Map(units.signals.map((decl) => [decl.name, decl]));
    this.services = new Map([...units.services].sort((a, b) => (a.name < b.name ? -1 : 1)).map((decl) => [decl.name, decl]));
    this.variables = new Map(units.variables.map((decl) => [decl.name, decl]));
    this.permissions = new Map(units.permissions.map((decl) => [decl.name, decl]));
  }

  /** The key field of a branching service. */
  keyFieldOf(service: string): string | undefined {
    return this.services.get(service)?.branching?.key;
  }
}

/** The value of a variable: the override, else the environment variable, else the default (SPEC 7). */
export function variableValue(
  decl: VariableDecl,
  overrides: ReadonlyMap<string, Json>,
  env: NodeJS.ProcessEnv,
): { readonly value: Json | undefined; readonly from: "override" | "env" | "default" | "nothing" } {
  const override = overrides.get(decl.name);
  if (override !== undefined) return { value: override, from: "override" };
  const fromEnv = decl.env === undefined ? undefined : env[decl.env];
  if (fromEnv !== undefined) return { value: fromEnv, from: "env" };
  return decl.default === undefined ? { value: undefined, from: "nothing" } : { value: decl.default, from: "default" };
}
