import { NotPermittedError, UndeclaredError } from "../errors/rind-error.ts";
import { undeclared } from "../errors/undeclared.ts";
import type { PayloadKind } from "../model/unit-set.ts";
import type { UnitIndex } from "./unit-index.ts";

/** Built-in states that others than Rind may set (SPEC 3). */
const SETTABLE_BUILT_INS: ReadonlySet<string> = new Set(["rind@user-session", "rind@user-login", "rind@active-session"]);

/** Whether a state is built in, and yet for others than Rind to set: who has the permission `login`. */
export function isSettableBuiltIn(name: string): boolean {
  return SETTABLE_BUILT_INS.has(name);
}

/** Whether a state or signal is Rind's own, for nobody else to set or emit. */
export function isKeptByRind(name: string): boolean {
  return name.startsWith("rind@") && !SETTABLE_BUILT_INS.has(name);
}

/** Whether nobody but Rind changes this state: what no unit declares is built in, and most of that is kept by Rind, or by the kernel. */
export function isKeptState({ program, states }: UnitIndex, name: string): boolean {
  const isBuiltIn = !states.has(name) && program.states.get(name)?.imported !== true;
  return (isBuiltIn || isKeptByRind(name)) && !isSettableBuiltIn(name);
}

/** The kind of a state that may be set by hand, by a client or a hook. Throws where there is none, or where it is Rind's own. */
export function settableState(index: UnitIndex, name: string): PayloadKind {
  const { program } = index;
  const plan = program.states.get(name);
  if (plan === undefined && program.signals.has(name))
    throw new UndeclaredError(`no state ${name}`, { hint: `it is a signal: rind emit ${name}` });
  if (plan === undefined || name.startsWith("~")) throw undeclared(`no state ${name}`, name, program.states.keys());
  if (isKeptState(index, name)) throw new NotPermittedError(`${name} is kept by Rind itself`);
  if (plan.imported) throw theSystems(name, "set");
  return plan.kind;
}

/** The kind of a signal that may be emitted by hand. */
export function emittableSignal({ program }: UnitIndex, name: string): PayloadKind {
  const plan = program.signals.get(name);
  if (plan === undefined && program.states.has(name))
    throw new UndeclaredError(`no signal ${name}`, { hint: `it is a state: rind set ${name}` });
  if (plan === undefined) throw undeclared(`no signal ${name}`, name, program.signals.keys());
  if (isKeptByRind(name)) throw new NotPermittedError(`${name} is emitted by Rind itself`);
  if (plan.imported) throw theSystems(name, "emitted");
  return plan.kind;
}

function theSystems(name: string, done: "set" | "emitted"): NotPermittedError {
  return new NotPermittedError(`${name} is the system's: it can be read here, and is ${done} by the system's daemon`);
}
