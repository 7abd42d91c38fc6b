import { POWER_ACTIONS } from "../model/power.ts";
import {
  count,
  described,
  either,
  flag,
  json,
  list,
  name,
  number,
  oneOf,
  optional,
  type ParamTable,
  pid,
  type ReadParams,
  text,
  whole,
} from "./param-kinds.ts";
import type { MethodName } from "./protocol.ts";

/** The params of every method: read by these, and told by them in the OpenRPC document. */

const names = list(name);
const nothing = {};
const bulk = { force: described("As of the method for single services.", flag) };
const service = described("A service GROUP@ITEM.", name);
const instance = described("A service GROUP@ITEM, or one instance GROUP@ITEM/KEY.", name);
const services = described("Services GROUP@ITEM or instances GROUP@ITEM/KEY; none: all services but those of class system.", names);
const payload = {
  name: described("A state or signal GROUP@ITEM.", name),
  payload: described("The payload as json; not beside words.", optional(json)),
  words: described("The payload as words of a command line, read by the payload type.", optional(list(text))),
};
const logParams = {
  names: described("Services or instances; none: all.", optional(names, [])),
  lines: described("At most so many lines, the newest.", optional(count)),
  since: described("Only lines after this moment, in milliseconds since 1970.", optional(number)),
  after: described("Only lines with a greater sequence number.", optional(whole)),
};

/** The table of all params. */
export const PARAMS = {
  "rpc.discover": nothing,
  "system.info": nothing,
  "system.down": nothing,
  "system.power": {
    action: described("What becomes of the machine.", oneOf(POWER_ACTIONS)),
    force: described("Kill everything at once, in place of stopping it in order.", flag),
  },
  "system.reload": { restart: described("Restart what runs with what was declared before.", flag) },
  "system.list": nothing,

  "flow.emit": payload,
  "flow.set": {
    ...payload,
    replace: described("The payload replaces the branch, and is not merged into it.", flag),
  },
  "flow.unset": {
    name: described("A state GROUP@ITEM.", name),
    filter: described("Which branches: an object that is part of them, or a string; none: all.", optional(json)),
  },
  "flow.get": { name: described("A state GROUP@ITEM.", name) },
  "flow.states": nothing,
  "flow.subscribe": nothing,
  "flow.variables": nothing,
  "flow.set_variable": {
    name: described("A variable GROUP@ITEM.", name),
    value: described("The override; none: it is taken away.", optional(json)),
  },

  "session.open": {
    username: described("A user of the system, by name.", name),
    tty: described("The terminal.", optional(name)),
    service: described("What lets the user in: login, sshd.", optional(name)),
    host: described("Where the user comes from.", optional(name)),
    leader: described(
      "The process with whose end the session ends, if nobody closes it before; none: only who closes it ends it.",
      optional(pid),
    ),
    session_id: described("Its id; default: made of the others.", optional(name)),
  },
  "session.close": {
    session_id: described("The session with this id, whatever else is given.", optional(name)),
    username: described("Sessions of this user.", optional(name)),
    tty: described("Sessions on this terminal.", optional(name)),
    leader: described("Sessions that this process leads.", optional(pid)),
  },

  "service.list": nothing,
  "service.status": { name: instance },
  "service.start": { names: services, force: described("Also against stop-on.", flag) },
  "service.stop": { names: services, force: described("SIGKILL at once.", flag) },
  "service.restart": { names: services },
  "service.reload": { names: services },
  "service.start_all": bulk,
  "service.stop_all": bulk,
  "service.kill": {
    names: described("Services GROUP@ITEM or instances GROUP@ITEM/KEY.", list(name, "must name a service")),
    signal: described("The signal, by name with or without SIG, or by number.", optional(either(text, whole), "SIGTERM")),
  },
  "service.stats": { name: instance },
  "service.set": {
    service: described(
      "The service: the keys of a [[service]] with its name GROUP@ITEM, or what a zinit file holds: {service, dependencies, lifecycle, health, logging}.",
      json,
    ),
    dependencies: described("As in a zinit file; service is then its [service]. So are the others.", optional(json)),
    lifecycle: optional(json),
    health: optional(json),
    logging: optional(json),
  },
  "service.get": { name: service },
  "service.delete": { name: service },
  "service.delete_all": nothing,
  "service.logs": logParams,
  "service.why": { name: described("A service, instance, state or signal.", name) },
  "service.graph": nothing,

  "log.read": logParams,
  "log.subscribe": logParams,
  "event.trace": {
    last: described("At most so many facts, the newest.", optional(count, 100)),
    name: described("Only facts about this state, signal, service or instance, with all that caused them.", optional(name)),
  },
  "event.subscribe": { names: described("States, signals, services or instances; none: all.", optional(names, [])) },
} satisfies { readonly [M in MethodName]: ParamTable };

/** The params of a method as they are read. */
export type Params<M extends MethodName> = ReadParams<(typeof PARAMS)[M]>;
