import * as z from "zod";
import type { Json } from "../model/json.ts";
import { POWER_ACTIONS } from "../model/power.ts";
import { isGiven } from "./param-meanings.ts";
import type { MethodName } from "./protocol.ts";

/**
 * The params of every method. Calls are read by the outline of these schemas (`read-params.ts`); they themselves say what is wrong with one, and what the
 * OpenRPC document tells.
 */

const name = z.string().min(1, { error: "must not be empty" });
const names = z.array(name);
// What JSON.parse has made needs no check of its kind; its size and depth are checked apart.
const json = z.custom<Json>(isGiven, { error: "must be json" });
const count = z.int().min(0);
const pid = z.int().min(1);

const nothing = z.strictObject({});
const bulk = z.strictObject({ force: z.boolean().default(false).describe("As of the method for single services.") });
const service = name.describe("A service GROUP@ITEM.");
const instance = name.describe("A service GROUP@ITEM, or one instance GROUP@ITEM/KEY.");
const services = names.describe("Services GROUP@ITEM or instances GROUP@ITEM/KEY; none: all services but those of class system.");
const payload = {
  name: name.describe("A state or signal GROUP@ITEM."),
  payload: json.optional().describe("The payload as json; not beside words."),
  words: z.array(z.string()).optional().describe("The payload as words of a command line, read by the payload type."),
};
const logParams = z.strictObject({
  names: names.default([]).describe("Services or instances; none: all."),
  lines: count.optional().describe("At most so many lines, the newest."),
  since: z.number().optional().describe("Only lines after this moment, in milliseconds since 1970."),
  after: z.int().optional().describe("Only lines with a greater sequence number."),
});

/** The table of all params. */
export const PARAMS = {
  "rpc.discover": nothing,
  "system.info": nothing,
  "system.down": nothing,
  "system.power": z.strictObject({
    action: z.enum(POWER_ACTIONS).describe("What becomes of the machine."),
    force: z.boolean().default(false).describe("Kill everything at once, in place of stopping it in order."),
  }),
  "system.reload": z.strictObject({ restart: z.boolean().default(false).describe("Restart what runs with what was declared before.") }),
  "system.list": nothing,

  "flow.emit": z.strictObject(payload),
  "flow.set": z.strictObject({
    ...payload,
    replace: z.boolean().default(false).describe("The payload replaces the branch, and is not merged into it."),
  }),
  "flow.unset": z.strictObject({
    name: name.describe("A state GROUP@ITEM."),
    filter: json.optional().describe("Which branches: an object that is part of them, or a string; none: all."),
  }),
  "flow.get": z.strictObject({ name: name.describe("A state GROUP@ITEM.") }),
  "flow.states": nothing,
  "flow.subscribe": nothing,
  "flow.variables": nothing,
  "flow.set_variable": z.strictObject({
    name: name.describe("A variable GROUP@ITEM."),
    value: json.optional().describe("The override; none: it is taken away."),
  }),

  "session.open": z.strictObject({
    username: name.describe("A user of the system, by name."),
    tty: name.optional().describe("The terminal."),
    service: name.optional().describe("What lets the user in: login, sshd."),
    host: name.optional().describe("Where the user comes from."),
    leader: pid
      .optional()
      .describe("The process with whose end the session ends, if nobody closes it before; none: only who closes it ends it."),
    session_id: name.optional().describe("Its id; default: made of the others."),
  }),
  "session.close": z.strictObject({
    session_id: name.optional().describe("The session with this id, whatever else is given."),
    username: name.optional().describe("Sessions of this user."),
    tty: name.optional().describe("Sessions on this terminal."),
    leader: pid.optional().describe("Sessions that this process leads."),
  }),

  "service.list": nothing,
  "service.status": z.strictObject({ name: instance }),
  "service.start": z.strictObject({ names: services, force: z.boolean().default(false).describe("Also against stop-on.") }),
  "service.stop": z.strictObject({ names: services, force: z.boolean().default(false).describe("SIGKILL at once.") }),
  "service.restart": z.strictObject({ names: services }),
  "service.reload": z.strictObject({ names: services }),
  "service.start_all": bulk,
  "service.stop_all": bulk,
  "service.kill": z.strictObject({
    names: z.array(name).min(1, { error: "must name a service" }).describe("Services GROUP@ITEM or instances GROUP@ITEM/KEY."),
    signal: z.union([z.string(), z.int()]).default("SIGTERM").describe("The signal, by name with or without SIG, or by number."),
  }),
  "service.stats": z.strictObject({ name: instance }),
  "service.set": z.strictObject({
    service: json.describe(
      "The service: the keys of a [[service]] with its name GROUP@ITEM, or what a zinit file holds: {service, dependencies, lifecycle, health, logging}.",
    ),
    dependencies: json.optional().describe("As in a zinit file; service is then its [service]. So are the others."),
    lifecycle: json.optional(),
    health: json.optional(),
    logging: json.optional(),
  }),
  "service.get": z.strictObject({ name: service }),
  "service.delete": z.strictObject({ name: service }),
  "service.delete_all": nothing,
  "service.logs": logParams,
  "service.why": z.strictObject({ name: name.describe("A service, instance, state or signal.") }),
  "service.graph": nothing,

  "log.read": logParams,
  "log.subscribe": logParams,
  "event.trace": z.strictObject({
    last: count.default(100).describe("At most so many facts, the newest."),
    name: name.optional().describe("Only facts about this state, signal, service or instance, with all that caused them."),
  }),
  "event.subscribe": z.strictObject({ names: names.default([]).describe("States, signals, services or instances; none: all.") }),
} satisfies { readonly [M in MethodName]: z.ZodObject };

/** The params of a method as they are read. */
export type Params<M extends MethodName> = z.output<(typeof PARAMS)[M]>;
