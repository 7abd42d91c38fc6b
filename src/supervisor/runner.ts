import { instanceName } from "../model/name.ts";
import { isDown } from "../model/phase.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { Supervisor } from "./supervisor.ts";

/** The number of the user as whom an instance runs, or would run if it started now; undefined: as the daemon, or nobody can say yet. */
export function runnerOf(supervisor: Supervisor, decl: ServiceDecl, key: string): number | undefined {
  const instance = supervisor.instances.get(instanceName(decl.name, key));
  if (instance?.process !== undefined) return instance.ran?.uid;
  // what is down has no user any more, however it ran
  const rests = instance === undefined || isDown(instance.phase);
  const would = rests ? supervisor.users.would(decl, key) : supervisor.users.of(instance);
  return would.kind === "user" ? would.user.uid : undefined;
}
