import { serviceState } from "../flow/condition.ts";
import type { Program } from "../flow/program.ts";
import type { Write } from "../model/change.ts";
import type { ServiceIs } from "../model/condition.ts";
import type { Json } from "../model/json.ts";
import { instanceName, WHOLE } from "../model/name.ts";
import type { Phase } from "../model/phase.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import { instanceFlags, NO_RUN, type RunState } from "../service/flags.ts";
import type { Instance } from "./instance.ts";
import { NEVER_RAN, type OrderFlags, orderFlags } from "./order-flags.ts";
import type { UnitIndex } from "./unit-index.ts";

/** What the store says of an instance: its branch of `rind@service`, and of the hidden state that conditions on its service are judged on. */
export interface ServiceRow {
  readonly state: string;
  readonly key: string;
  readonly payload: Json;
}

export function instanceRows(program: Program, instance: Instance): readonly ServiceRow[] {
  const { decl, key, phase, context } = instance;
  return rowsOf(program, { decl, key, phase, run: context, order: orderFlags(instance) });
}

type HiddenFields = Readonly<Record<`~${ServiceIs}` | keyof OrderFlags, Json>>;

interface RowSource {
  readonly decl: ServiceDecl;
  readonly key: string;
  readonly phase: Phase;
  readonly run: RunState;
  readonly order: OrderFlags;
}

function rowsOf(program: Program, { decl, key, phase, run, order }: RowSource): readonly ServiceRow[] {
  const name = instanceName(decl.name, key);
  const { is, ready, healthy } = instanceFlags(decl, phase, run);
  const shown: ServiceRow = { state: "rind@service", key: name, payload: { id: name, phase, ready, healthy } };
  const hidden = serviceState(decl.name);
  if (!program.states.has(hidden)) return [shown];
  const field = decl.branching?.key;
  // written out, and at each change of phase: V8 takes ten times as long to spread one object into another
  const payload: Record<string, Json> & HiddenFields = {
    "~id": name,
    "~key": key,
    "~lost": order["~lost"],
    "~ending": order["~ending"],
    "~pending": order["~pending"],
    "~run": order["~run"],
    "~born": order["~born"],
    "~started": is.started,
    "~ready": is.ready,
    "~healthy": is.healthy,
    "~completed": is.completed,
    "~succeeded": is.succeeded,
    "~failed": is.failed,
    "~stopped": is.stopped,
  };
  if (field !== undefined && key !== WHOLE) payload[field] = key;
  return [shown, { state: hidden, key: name, payload }];
}

/** The rows of all instances, and of all services that do not branch, whether they ever ran or not. */
export function allRows({ program, services }: UnitIndex, instances: Iterable<Instance>): readonly Write[] {
  const known = [...instances];
  const have = new Set(known.map(({ name }) => name));
  const silent = [...services.values()].filter(({ name, branching }) => branching === undefined && !have.has(name));
  return [
    ...silent.flatMap((decl) => rowsOf(program, { decl, key: WHOLE, phase: "inactive", run: NO_RUN, order: NEVER_RAN })),
    ...known.flatMap((instance) => instanceRows(program, instance)),
  ];
}
