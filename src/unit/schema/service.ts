import * as z from "zod";
import { branching } from "./branching.ts";
import { list, notYet, notYetList, table, word } from "./build.ts";
import { command } from "./command.ts";
import { conditions } from "./condition.ts";
import { hooks, stopHooks } from "./hook.ts";
import { order } from "./order.ts";
import { rights } from "./permission.ts";
import { health, ready, watchdog } from "./probe.ts";
import { account } from "./process.ts";
import { restart } from "./restart.ts";
import { run } from "./run.ts";
import { space, userSource } from "./space.ts";
import { transport } from "./transport.ts";
import { duration, enabled, filledText, itemName, killSignal, milliseconds, reference, size } from "./values.ts";

const log = table({
  lines: z
    .int({ error: "a whole number from 1" })
    .min(1, { error: "a whole number from 1" })
    .prefault(1000)
    .describe("How many lines of output are kept."),
  file: filledText.optional().describe("File that the output is added to, as it is printed."),
  "max-size": size.prefault("16MiB").describe("Size at which the file is rotated; 0: never."),
  keep: z
    .int({ error: "a whole number from 0" })
    .min(0, { error: "a whole number from 0" })
    .prefault(4)
    .describe("How many rotated files are kept, compressed."),
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
  critical: z.boolean({ error: "true or false" }).prefault(false).describe("true: as PID 1, its final failure opens the emergency shell."),
};

const ORDER = {
  after: order.optional().describe("Services that must be ready before it starts. Starts none of them."),
  before: order.optional().describe("after, written at the other end: these wait until this one is ready."),
  requires: order.optional().describe("As after, and starts them; when one is lost this one stops, and waits until it is back."),
  wants: order.optional().describe("Starts them, and waits until they are ready or cannot be. What is declared nowhere is ignored."),
  conflicts: order.optional().describe("Services that never run together with it. What is declared nowhere is ignored."),
};

const PROBES = {
  ready: ready.optional().describe("What tells that it is ready; without it: ready when its process is up."),
  health: health.optional().describe("What tells that it is healthy, once it is ready."),
  watchdog: watchdog.optional().describe("Sign of life that the process has to give."),
};

const END = {
  restart: restart.optional().describe('What follows an end that nobody asked for; default: "on-failure".').meta({ default: "on-failure" }),
  "success-exit-codes": list(exitCode, "exit codes").prefault([0]).describe("Exit codes that mean success."),
  "stop-command": command.optional().describe("Command that ends it; what is left then gets stop-signal. Both share stop-timeout."),
  "stop-signal": killSignal.prefault("SIGTERM").describe("Signal that asks it to end, to all that comes from it."),
  "stop-timeout": duration.prefault("10s").describe("How long it may take to end; then it is killed."),
  "stop-timeout-ms": milliseconds.optional().describe("stop-timeout in milliseconds."),
  "start-timeout": duration
    .optional()
    .describe('How long it may take until it is ready; default "30s". Of a oneshot: how long its whole run may take; default: no limit.'),
  "start-timeout-ms": milliseconds.optional().describe("start-timeout in milliseconds."),
};

const HOOKS = {
  "on-start": hooks.optional().describe("Triggers for when its process is up."),
  "on-ready": hooks.optional().describe("Triggers for each time it becomes ready."),
  "on-stop": stopHooks.optional().describe("Triggers for each end of a process."),
  "on-fail": hooks.optional().describe("Triggers for when it has failed for good."),
};

const WHOSE = {
  space: space.prefault("system").describe("Whose service it is, and so as whom it runs where run.user does not say it."),
  user: account("user").optional().describe('With space = "user_selective": that user.'),
  "user-source": userSource.optional().describe('With space = "user": where the name of the user stands.'),
  "managed-by": rights.optional().describe("Who may control it: permissions, or numbers of unix groups; default: root, and who runs Rind."),
};

const LATER = {
  listen: notYetList("Sockets that are opened for it."),
  "idle-stop": notYet("Ends it when it is not used."),
  accept: notYet("One instance per connection."),
  files: notYet("Files that are made for it."),
  ports: notYet("Ports that are found for it."),
  watch: notYet("Files whose change restarts it."),
  "pid-file": notYet("Where a forking service writes its pid."),
};

export const service = table({
  name: itemName.describe("Its name within the file: GROUP.toml and ITEM make GROUP@ITEM."),
  run: run.optional().describe("What is run: a command, a list of words or a table."),
  type: word(["simple", "oneshot", "notify"], ["forking"])
    .prefault("simple")
    .describe('"oneshot": it does its work and ends. "notify": the same as ready.notify = true.'),
  ...WHEN,
  ...ORDER,
  ...PROBES,
  ...END,
  branching: branching.optional().describe("One instance per branch of a state."),
  transport: transport.optional().describe("Hands payloads of states to the process."),
  ...HOOKS,
  log: log.optional().describe("What becomes of its output."),
  ...WHOSE,
  extends: reference.optional().describe("Another service whose fields it takes over; its own lie over them."),
  template: z.boolean({ error: "true or false" }).prefault(false).describe("true: never runs itself; others extend it."),
  enabled,
  ...LATER,
}).meta({ id: "service" });

export type RawService = z.output<typeof service>;
