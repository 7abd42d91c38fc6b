/** What may stand in a unit file: which sections there are, which are read now, and what each of their items may hold. */
import { list, notYetList, table } from "./build.ts";
import { service } from "./service.ts";
import { settings } from "./settings.ts";
import { signal } from "./signal.ts";
import { state } from "./state.ts";
import { variable } from "./variable.ts";

/** The sections whose items are read; each is a list of tables (`[[state]]`). */
export const SECTION_SCHEMAS = { state, signal, service, variable } as const;
export type Section = keyof typeof SECTION_SCHEMAS;

export const SECTIONS: readonly Section[] = ["state", "signal", "service", "variable"];

/** Sections of the language that are not built. */
export const LATER_SECTIONS = ["timer", "socket", "mount", "network", "permission"] as const;

/** The whole file, as editors see it. The loader checks item by item, after the drop-ins have been merged. */
export const unitFile = table({
  state: list(state, "states").optional().describe("Lasting facts."),
  signal: list(signal, "signals").optional().describe("Passing events."),
  service: list(service, "services").optional().describe("Programs to run."),
  variable: list(variable, "variables").optional().describe("Values that can be changed at run time."),
  settings: settings.optional().describe("What holds for all services."),
  timer: notYetList("Timers."),
  socket: notYetList("Sockets."),
  mount: notYetList("Mounts."),
  network: notYetList("Network interfaces."),
  permission: notYetList("Permissions."),
}).meta({ title: "Rind unit file", description: "States, signals, services and variables of one group." });
