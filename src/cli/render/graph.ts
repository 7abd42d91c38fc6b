import type { GraphEdge, ServiceGraph } from "../../control/api.ts";
import type { Phase } from "../../model/phase.ts";
import { paintPhase, type Style } from "./style.ts";

/** What is in the tree already is not opened again. */
const SHARED = "(see above)";

/** A tree per root, and under each service what it depends on; `roots` empty: the services on which nobody depends. */
export function graphLines({ nodes, edges }: ServiceGraph, roots: readonly string[], style: Style): string[] {
  const phases = new Map(nodes.map((node) => [node.name, node.phases]));
  const below = new Map<string, GraphEdge[]>();
  for (const edge of edges) {
    if (edge.kind !== "conflicts") below.set(edge.from, [...(below.get(edge.from) ?? []), edge]);
  }
  const { branch, lastBranch, trunk } = style.marks;
  const shown = new Set<string>();
  const lines: string[] = [];
  const show = (name: string, first: string, rest: string, label: string): void => {
    const children = below.get(name) ?? [];
    const again = shown.has(name) && children.length > 0;
    shown.add(name);
    lines.push(`${style.dim(first + label)}${name}  ${phaseText(phases.get(name) ?? [], style)}${again ? `  ${style.dim(SHARED)}` : ""}`);
    if (again) return;
    children.forEach(({ to, kind, is }, at) => {
      const last = at === children.length - 1;
      const asked = is === null || is === "ready" ? "" : ` ${is}`;
      show(to, rest + (last ? lastBranch : branch), rest + (last ? " ".repeat(trunk.length) : trunk), `${kind}${asked} `);
    });
  };
  const depended = new Set(edges.filter(({ kind }) => kind !== "conflicts").map(({ to }) => to));
  const tops = roots.length > 0 ? roots : nodes.map(({ name }) => name).filter((name) => !depended.has(name));
  for (const name of tops) show(name, "", "", "");
  // a circle of wants has no top: it is opened somewhere
  if (roots.length === 0) for (const { name } of nodes) if (!shown.has(name)) show(name, "", "", "");
  return lines;
}

function phaseText(phases: readonly Phase[], style: Style): string {
  if (phases.length === 0) return style.dim("no instance");
  const counted = [...new Set(phases)].map((phase) => {
    const count = phases.filter((each) => each === phase).length;
    return paintPhase(style, phase)(count === 1 ? phase : `${count} ${phase}`);
  });
  return counted.join(", ");
}
