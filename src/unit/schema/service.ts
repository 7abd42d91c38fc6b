import * as z from "zod";
import { branching } from "./branching.ts";
import { list, notYet, notYetList, SENTENCE, table, word } from "./build.ts";
import { conditions } from "./condition.ts";
import { enabled } from "./fact.ts";
import { hooks, stopHooks } from "./hook.ts";
import { order } from "./order.ts";
import { restart } from "./restart.ts";
import { run } from "./run.ts";
import { transport } from "./transport.ts";
import { duration, itemName, killSignal, milliseconds, reference } from "./values.ts";

const log = table({
  lines: z
    .int({ error: "a whole number from 1" })
    .min(1, { error: "a whole number from 1" })
    .prefault(1000)
    .describe("How many lines of output are kept."),
  file: notYet("File for the output."),
  "max-size": notYet("Size at which the file is rotated."),
  keep: notYet("How many rotated files are kept."),
});

const exitCode = z
  .int({ error: "an exit code from 0 to 255" })
  .min(0, { error: "an exit code from 0 to 255" })
  .max(255, { error: "an exit code from 0 to 255" });

const WHEN = {
  "start-on": conditions.optional().describe("All must hold for it to start; without it: starts at boot."),
  "stop-on": conditions.optional().describe("Any of these stops it."),
  bound: z
    .boolean({ error: "true or false" })
    .optional()
    .describe("Whether it stops when start-on no longer holds; default: true, false where stop-on is given."),
  "restart-on": conditions
    .optional()
    .describe("Restarts it, while it runs, when one of these signals arrives or the branches of one of these states change."),
  "reload-on": conditions.optional().describe("As restart-on, but sends what run.reload says."),
  status: word(["start", "stop", "ignore"])
    .prefault("start")
    .describe('"stop": only rind start starts it; "ignore": only by hand or by a hook.'),
  class: word(["user", "system"]).prefault("user").describe('"system": bulk operations pass over it.'),
  after: order.optional().describe("Services that must be ready before it starts."),
};

const END = {
  restart: restart.optional().describe('What follows an end that nobody asked for; default: "on-failure".').meta({ default: "on-failure" }),
  "success-exit-codes": list(exitCode, "exit codes").prefault([0]).describe("Exit codes that mean success."),
  "stop-signal": killSignal.prefault("SIGTERM").describe("Signal that asks it to end, to its whole process group."),
  "stop-timeout": duration.prefault("10s").describe("How long it may take to end; then it is killed."),
  "stop-timeout-ms": milliseconds.optional().describe("stop-timeout in milliseconds."),
  "start-timeout": duration.optional().describe('Of type "oneshot": how long its whole run may take; default: no limit.'),
  "start-timeout-ms": milliseconds.optional().describe("start-timeout in milliseconds."),
};

const HOOKS = {
  "on-start": hooks.optional().describe("Triggers for when its process is up."),
  "on-ready": hooks.optional().describe("Triggers for each time it becomes ready."),
  "on-stop": stopHooks.optional().describe("Triggers for each end of a process."),
  "on-fail": hooks.optional().describe("Triggers for when it has failed for good."),
};

const LATER = {
  before: notYetList("after, written at the other end."),
  requires: notYetList("Services that it needs and pulls in."),
  wants: notYetList("Services that it pulls in."),
  conflicts: notYetList("Services that never run together with it."),
  ready: notYet("Probe that tells when it is ready."),
  health: notYet("Probe that tells whether it is healthy."),
  watchdog: notYet("Sign of life that it has to give."),
  "stop-command": notYet("Command that ends it."),
  space: notYet("Whose service it is: the system's or a user's."),
  "user-source": notYet("State that names its user."),
  listen: notYetList("Sockets that are opened for it."),
  "idle-stop": notYet("Ends it when it is not used."),
  accept: notYet("One instance per connection."),
  files: notYet("Files that are made for it."),
  ports: notYet("Ports that are found for it."),
  watch: notYet("Files whose change restarts it."),
  "pid-file": notYet("Where a forking service writes its pid."),
  critical: notYet("Its final failure opens the emergency shell."),
  "managed-by": notYetList("Who may control it."),
};

export const service = table({
  name: itemName.describe("Its name within the file: GROUP.toml and ITEM make GROUP@ITEM."),
  run: run.optional().describe("What is run: a command, a list of words or a table."),
  type: word(["simple", "oneshot"], ["notify", "forking"]).prefault("simple").describe('"oneshot": it does its work and ends.'),
  ...WHEN,
  ...END,
  branching: branching.optional().describe("One instance per branch of a state."),
  transport: transport.optional().describe("Hands payloads of states to the process."),
  ...HOOKS,
  log: log.optional().describe("What becomes of its output."),
  extends: reference.optional().describe("Another service whose fields it takes over; its own lie over them."),
  template: z.boolean({ error: "true or false" }).prefault(false).describe("true: never runs itself; others extend it."),
  enabled,
  ...LATER,
})
  .refine((value) => value.type === "oneshot" || (value["start-timeout"] ?? value["start-timeout-ms"]) === undefined, {
    error: '"start-timeout" is not supported yet on a service that is not of type "oneshot"',
    path: ["start-timeout"],
    params: SENTENCE,
  })
  .meta({ id: "service", dependencies: { "start-timeout": isOneshot(), "start-timeout-ms": isOneshot() } });

export type RawService = z.output<typeof service>;

/** JSON Schema for: the type is "oneshot". */
function isOneshot() {
  return { properties: { type: { const: "oneshot" } }, required: ["type"] };
}
