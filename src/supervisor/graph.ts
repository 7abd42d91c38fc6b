import type { GraphEdge, ServiceGraph } from "../control/api.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import { serviceRows } from "./shown-rows.ts";
import type { Supervisor } from "./supervisor.ts";

/** The services and how they depend on each other, as they are now. */
export function serviceGraph(supervisor: Supervisor): ServiceGraph {
  const services = [...supervisor.index.services.values()];
  const nodes = services.map((decl) => ({
    name: decl.name,
    phases: serviceRows(supervisor, decl)
      .filter(({ branch }) => decl.branching === undefined || branch !== null)
      .map(({ phase }) => phase),
  }));
  return { nodes, edges: services.flatMap(edgesOf) };
}

/** A service that is named in two lists stands in the stronger one. */
function edgesOf({ name, requires, wants, after, conflicts }: ServiceDecl): readonly GraphEdge[] {
  const edges: readonly GraphEdge[] = [
    ...requires.map(({ service, is }) => ({ from: name, to: service, kind: "requires" as const, is })),
    ...wants.map(({ service, is }) => ({ from: name, to: service, kind: "wants" as const, is })),
    ...after.map(({ service, is }) => ({ from: name, to: service, kind: "after" as const, is })),
    ...conflicts.map((to) => ({ from: name, to, kind: "conflicts" as const, is: null })),
  ];
  return edges.filter(({ to }, at) => edges.findIndex((edge) => edge.to === to) === at);
}
