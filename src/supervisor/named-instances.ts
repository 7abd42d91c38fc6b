import { UndeclaredError } from "../errors/rind-error.ts";
import { undeclared } from "../errors/undeclared.ts";
import { splitInstance, WHOLE } from "../model/name.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { Instance } from "./instance.ts";
import type { Supervisor } from "./supervisor.ts";

/** The service that is called by its own name or that of one of its instances. Throws where there is none. */
export function namedService({ index }: Supervisor, name: string): ServiceDecl {
  const { service } = splitInstance(name);
  const decl = index.services.get(service);
  if (decl === undefined) throw undeclared(`no service ${service}`, service, index.services.keys());
  return decl;
}

/** The instances that a name is about: one, or all of a branching service. Those that never ran are none. Throws for what there is not. */
export function namedInstances(supervisor: Supervisor, name: string): readonly Instance[] {
  const decl = namedService(supervisor, name);
  const { key } = splitInstance(name);
  if (key === WHOLE) return supervisor.instances.of(decl.name);
  const instance = supervisor.instances.get(name);
  if (instance !== undefined) return [instance];
  if ([...(supervisor.guards.get(decl.name)?.keys() ?? [])].includes(key)) return [];
  throw new UndeclaredError(`no instance ${name}`, { hint: `rind status ${decl.name} shows what there is` });
}
