/** What may stand in a unit file: which sections there are, which are read now, and what each of their items may hold. */
import { list, notYetList, table } from "./build.ts";
import { mount } from "./mount.ts";
import { network } from "./network.ts";
import { permission } from "./permission.ts";
import type { Section } from "./sections.ts";
import { service } from "./service.ts";
import { settings } from "./settings.ts";
import { signal } from "./signal.ts";
import { state } from "./state.ts";
import { variable } from "./variable.ts";

export const SECTION_SCHEMAS = { state, signal, service, variable, permission, mount, network } as const satisfies Record<Section, unknown>;

/** The whole file, as editors see it. The loader checks item by item, after the drop-ins have been merged. */
export const unitFile = table({
  state: list(state, "states").optional().describe("Lasting facts."),
  signal: list(signal, "signals").optional().describe("Passing events."),
  service: list(service, "services").optional().describe("Programs to run."),
  variable: list(variable, "variables").optional().describe("Values that can be changed at run time."),
  permission: list(permission, "permissions").optional().describe("Who may do what."),
  mount: list(mount, "mounts").optional().describe("File systems that rind init mounts."),
  network: list(network, "networks").optional().describe("Network interfaces, and how they are set up."),
  settings: settings.optional().describe("What holds for all services."),
  timer: notYetList("Timers."),
  socket: notYetList("Sockets."),
}).meta({ title: "Rind unit file", description: "States, signals, services, variables, permissions, mounts and networks of one group." });
