import * as z from "zod";
import { SERVICE_IS } from "../model/condition.ts";
import type { Fact } from "../model/fact.ts";
import { PHASES } from "../model/phase.ts";
import { EFFECT_KINDS } from "./api.ts";
import type { MethodName, Methods } from "./protocol.ts";

/**
 * What every method is for and what it answers, for the OpenRPC document alone: the daemon checks no answer of its own. The types hold
 * the schemas against `protocol.ts`, a test holds them against a daemon that runs.
 */

const text = z.string();
const maybeText = z.string().nullable();
const count = z.int().min(0);
const time = z.iso.datetime();
// any json: what a schema says of it is nothing
const json = z.any();

const diagnostic = z
  .object({ severity: z.enum(["error", "warning"]), file: text, line: count, column: count, message: text, hint: text })
  .meta({ id: "Diagnostic" });

const service = z
  .object({
    name: text.describe("GROUP@ITEM or GROUP@ITEM/KEY."),
    phase: z.enum(PHASES),
    ready: z.boolean().nullable().describe("null: it has no process."),
    healthy: z.boolean().nullable().describe("null: no probe, or no verdict yet."),
    pid: z.int().nullable(),
    branch: maybeText,
    restarts: count.describe("Retries since the last stable run."),
    exit: z.object({ code: z.int().nullable(), signal: maybeText }).nullable(),
    since: time.nullable().describe("When it came into this phase."),
    waiting: z.array(text).describe("What it waits for, a sentence each."),
    reason: text,
    status_text: maybeText.describe("What its process says about itself (STATUS= of sd_notify)."),
    stale: z.boolean().describe("Its process runs with what was declared before."),
  })
  .meta({ id: "Service" });

const restricted = z.literal(true).exactOptional().describe("The caller may not see payloads of it: they are null, or left out.");

const state = z
  .object({
    name: text,
    active: z.boolean(),
    payload: text,
    branches: z.array(z.object({ key: text, payload: json, derived: z.boolean(), manual: z.boolean() })),
    restricted,
    imported: z.literal(true).exactOptional().describe("In the daemon of a user: it is a state of the system."),
    built_in: z.literal(true).exactOptional().describe("Only Rind itself changes it."),
  })
  .meta({ id: "State" });

const signal = z.object({ name: text, payload: text, restricted }).meta({ id: "Signal" });

const variable = z
  .object({ name: text, value: json, from: z.enum(["override", "env", "default", "nothing"]), restricted })
  .meta({ id: "Variable" });

const change = z
  .object({
    changed: z.boolean().describe("Whether the store changed; of an emit: true."),
    effects: z.array(z.object({ kind: z.enum(EFFECT_KINDS), name: text })).describe("What this transaction did, in causal order."),
    notes: z.array(text),
  })
  .meta({ id: "Change" });

const place = { id: z.int(), tx: z.int(), time: z.number(), cause: z.array(z.int()).describe("Ids of the facts that caused it.") };
const fact = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("outside"), what: text, ...place }),
    z
      .object({ kind: z.literal("state"), name: text, key: text, before: json.optional(), after: json.optional(), restricted, ...place })
      .describe("Without before: the branch came; without after: it went."),
    z.object({ kind: z.literal("signal"), name: text, payload: json, restricted, ...place }),
    z.object({ kind: z.literal("phase"), instance: text, from: z.enum(PHASES), to: z.enum(PHASES), reason: text, ...place }),
    z.object({
      kind: z.literal("request"),
      action: z.enum(["start", "stop", "restart", "reload"]),
      instance: text,
      reason: text,
      ...place,
    }),
  ])
  // what a fact has as undefined, its json leaves out
  .meta({ id: "Fact" }) as z.ZodType<Fact>;

const condition = z
  .object({
    text,
    holds: z.boolean(),
    now: text,
    get of() {
      return z.array(condition);
    },
  })
  .meta({ id: "Condition" });

const why = z
  .object({
    name: text,
    kind: z.enum(["service", "state", "signal"]),
    summary: text,
    service: service.nullable(),
    conditions: z.array(z.object({ key: text, rows: z.array(condition) })),
    waiting: z.array(text),
    would: z.array(text),
    because: z.array(fact),
  })
  .meta({ id: "Why" });

const logLine = z
  .object({
    seq: count,
    time,
    service: text,
    stream: z.enum(["stdout", "stderr"]),
    line: text,
    base64: text.exactOptional().describe("Where the bytes are no UTF-8: all of them."),
  })
  .meta({ id: "LogLine" });

const graph = z.object({
  nodes: z.array(z.object({ name: text, phases: z.array(z.enum(PHASES)).describe("Of its instances.") })),
  edges: z.array(
    z.object({
      from: text,
      to: text,
      kind: z.enum(["requires", "wants", "after", "conflicts"]),
      is: z.enum(SERVICE_IS).nullable().describe("What the other has to be; null of a conflict."),
    }),
  ),
});

const usage = {
  memory_bytes: count.describe("Sum of the proportional set sizes; the resident set size of a process whose maps may not be read."),
  cpu_percent: z.number().min(0).describe("Over a tenth of a second; 100 is one processor."),
};
const stats = z
  .object({
    pid: count.describe("Of the main process; 0: it has none."),
    memory_bytes: usage.memory_bytes.exactOptional(),
    cpu_percent: usage.cpu_percent.exactOptional(),
    processes: z.array(z.object({ pid: count, name: text, ...usage })).exactOptional(),
  })
  .meta({ id: "Stats" });

const systemInfo = z
  .object({
    pid: z.int(),
    version: text,
    project: text,
    units: z.array(text),
    state_path: text,
    since: time,
    degraded: z.array(text).describe("What rind@degraded says, by item."),
    shutting_down: z.boolean().describe("Everything is being stopped, and nothing is started any more."),
  })
  .meta({ id: "SystemInfo" });

const listing = z.object({ services: z.array(service), states: z.array(state), signals: z.array(signal) });
const reloaded = z.object({
  added: z.array(text),
  changed: z.array(text),
  removed: z.array(text),
  stale: z.array(text),
  warnings: z.array(diagnostic),
});
const wasSet = z.object({
  name: text,
  file: text.describe("Where it is stored."),
  replaced: z.boolean(),
  services: z.array(service),
  warnings: z.array(diagnostic),
});
const deleted = z.object({
  removed: z.array(text).describe("What was named, and what required it, however far."),
  restored: z.array(text).describe("Of these, what unit files declare too: it is again as they say."),
});
const session = z
  .object({
    session_id: text,
    username: text,
    uid: count.exactOptional(),
    tty: text.exactOptional(),
    service: text.exactOptional(),
    host: text.exactOptional(),
    runtime_dir: text.exactOptional().describe("XDG_RUNTIME_DIR of the user."),
    leader: z
      .object({ pid: count, start: count.describe("Clock ticks after the start of the machine.") })
      .exactOptional()
      .describe("The session ends with this process at the latest."),
  })
  .meta({ id: "Session" });
const subscription = z.object({ subscription: z.int() });

interface Told<R> {
  readonly summary: string;
  readonly result: z.ZodType<R>;
}

/** The table of all results. */
export const RESULTS: { readonly [M in MethodName]: Told<Methods[M]["result"]> } = {
  "rpc.discover": { summary: "This document.", result: z.record(text, json) },
  "system.info": { summary: "The daemon: who it is, and where its things are.", result: systemInfo },
  "system.down": { summary: "Stops everything in order, then the daemon.", result: z.null() },
  "system.power": { summary: "Ends the machine that the daemon is the init of; answers when that has begun.", result: z.null() },
  "system.reload": { summary: "Reads the unit files anew, in one transaction.", result: reloaded },
  "system.list": { summary: "All services, states and signals.", result: listing },
  "flow.emit": { summary: "Emits a signal.", result: change },
  "flow.set": { summary: "Sets a branch of a state.", result: change },
  "flow.unset": { summary: "Removes branches of a state.", result: change },
  "flow.get": { summary: "The payloads of a state, in the order of its branches.", result: z.array(json) },
  "flow.states": { summary: "All states with their branches.", result: z.array(state) },
  "flow.subscribe": {
    summary:
      "What everybody may read: the states and signals that list no permissions. Notifications flow.news {subscription, missed, news}: first {kind: all, states, signals}, then {kind: step, what, changes} for what each step of a transaction changes, and all anew when the units are others.",
    result: subscription,
  },
  "flow.variables": { summary: "All variables with their values.", result: z.array(variable) },
  "flow.set_variable": { summary: "Sets the override of a variable, or takes it away.", result: variable },
  "session.open": { summary: "Somebody logs in: a branch of rind@user-session.", result: session },
  "session.close": { summary: "Ends sessions, and answers those that it has ended.", result: z.array(session) },
  "service.list": { summary: "All services, a row per instance.", result: z.array(service) },
  "service.status": { summary: "How a service is; of a branching one a list.", result: z.union([service, z.array(service)]) },
  "service.start": { summary: "Starts services, whatever their start-on says.", result: z.array(service) },
  "service.stop": { summary: "Stops services, and keeps them down.", result: z.array(service) },
  "service.restart": { summary: "Stops and starts services.", result: z.array(service) },
  "service.reload": { summary: "Sends running services their run.reload.", result: z.array(service) },
  "service.start_all": { summary: "Starts all services of status start, but those of class system.", result: z.array(service) },
  "service.stop_all": { summary: "Stops all services but those of class system.", result: z.array(service) },
  "service.kill": {
    summary: "Sends a signal to the main process of services; no stop: their restart policy applies.",
    result: z.array(service),
  },
  "service.stats": {
    summary: "What a service uses now, measured for this call; of a branching one a list.",
    result: z.union([stats, z.array(stats.extend({ name: text }).meta({ id: "InstanceStats" }))]),
  },
  "service.set": { summary: "Creates or replaces a service, all or nothing, and stores it.", result: wasSet },
  "service.get": { summary: "A service with all defaults, in the shape in which it was given.", result: json },
  "service.delete": { summary: "Takes a service that was set away, with all that requires it.", result: deleted },
  "service.delete_all": { summary: "Takes all services that were set away, but those of class system.", result: deleted },
  "service.logs": { summary: "What services have printed.", result: z.array(logLine) },
  "service.why": { summary: "Why a service, state or signal is as it is, and what would change it.", result: why },
  "service.graph": { summary: "What depends on what, and in which phases all are.", result: graph },
  "log.read": { summary: "What services have printed.", result: z.array(logLine) },
  "log.subscribe": {
    summary: "The same, and from then on each line: notifications log.lines {subscription, missed, lines}.",
    result: subscription,
  },
  "event.trace": { summary: "The newest facts, oldest first.", result: z.array(fact) },
  "event.subscribe": { summary: "Each fact from now on: notifications event.facts {subscription, missed, facts}.", result: subscription },
};
