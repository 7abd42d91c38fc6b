import type { Json } from "../model/json.ts";
import type { Agenda } from "./agenda.ts";
import { itemsOfBag } from "./bag.ts";
import { type Causes, Marks, NO_CAUSE } from "./causes.ts";
import { equalJson } from "./payload.ts";
import type { StateNode } from "./state-node.ts";

/*
 * Brings what is to be seen of a component up to what should be seen, and tells the difference: one fact for each branch.
 *
 * A component is settled when everything that it depends on is final, so it is looked at once in a step and nobody ever hears of a value
 * in between. A branch that stays keeps its place in the order.
 */

/** Takes one change of a branch, after it was made. */
export type Tell = (node: StateNode, head: string, before: Json | undefined, after: Json | undefined, causes: Causes) => void;

/** A state that does not depend on itself. */
export function settleSingle(node: StateNode, tell: Tell): void {
  node.prepare();
  for (const [head, causes] of node.dirty.entries()) {
    const before = node.branches.get(head);
    const after = node.wanted(head, false);
    if (equalJson(before, after)) continue;
    if (after === undefined) node.branches.delete(head);
    else node.branches.set(head, after);
    tell(node, head, before, after, causes);
  }
  node.dirty.clear();
}

/** What happens to one state of a cycle while it is settled. */
interface Turn {
  readonly node: StateNode;
  /** Branches that were touched, with what was to be seen of them at first. */
  readonly before: Map<string, Json | undefined>;
  readonly causes: Marks;
  /** Taken back for now; they keep their place in `branches` until it is clear that they do not return. */
  readonly hidden: Set<string>;
}

/**
 * States that depend on each other. A count of supports would keep a circle alive for ever after the support from outside is gone, so:
 *
 *   lost    hide every branch that might stand only on itself, and whatever rests on it, also through a projection that has other
 *           members: they may be founded on the very branch that goes
 *   gained  show again whatever has a support left, and what follows from it
 *   tell    compare with what was there at first; only now those outside hear of it
 */
export function settleCycle(nodes: readonly StateNode[], agenda: Agenda, tell: Tell): void {
  const turns = nodes.map((node): Turn => ({ node, before: new Map(), causes: new Marks(), hidden: new Set() }));
  for (const { node } of turns) node.prepare();
  const lost: [Turn, string][] = [];
  drain(turns, "dirty", agenda, (turn, head) => {
    const seen = visible(turn, head);
    if (seen !== undefined && !equalJson(seen, turn.node.wanted(head, true))) hide(turn, head, seen);
    lost.push([turn, head]);
  });
  for (const [turn, head] of lost) if (visible(turn, head) === undefined) turn.node.gained.mark(head, NO_CAUSE);
  drain(turns, "gained", agenda, (turn, head) => {
    if (visible(turn, head) !== undefined) return;
    const wanted = turn.node.wanted(head, false);
    if (wanted !== undefined) show(turn, head, wanted);
  });
  for (const turn of turns) tellTurn(turn, tell);
}

/** Visits all heads that are marked in one of the two ways, until none is left: a visit may mark others. */
function drain(turns: readonly Turn[], which: "dirty" | "gained", agenda: Agenda, visit: (turn: Turn, head: string) => void): void {
  for (let found = true; found; ) {
    found = false;
    for (const turn of turns) {
      const marks = turn.node[which];
      for (const [head, causes] of marks.entries()) {
        marks.delete(head);
        found = true;
        turn.causes.mark(head, causes);
        agenda.causes = turn.causes.causesOf(head) ?? NO_CAUSE;
        visit(turn, head);
      }
    }
  }
}

function visible({ node, hidden }: Turn, head: string): Json | undefined {
  return hidden.has(head) ? undefined : node.branches.get(head);
}

function note({ node, before }: Turn, head: string): void {
  if (!before.has(head)) before.set(head, node.branches.get(head));
}

function hide(turn: Turn, head: string, payload: Json): void {
  note(turn, head);
  turn.hidden.add(head);
  for (const memory of turn.node.inside.of(head)) {
    for (const row of itemsOfBag(memory.projectionOf(payload)?.rows)) row.heads.touch(row.head);
    memory.update(head, payload, undefined);
  }
}

function show(turn: Turn, head: string, payload: Json): void {
  note(turn, head);
  turn.hidden.delete(head);
  turn.node.branches.set(head, payload);
  turn.node.inside.update(head, undefined, payload);
}

function tellTurn({ node, before, causes, hidden }: Turn, tell: Tell): void {
  for (const head of hidden) node.branches.delete(head);
  for (const [head, old] of before) {
    const now = node.branches.get(head);
    if (!equalJson(old, now)) tell(node, head, old, now, causes.causesOf(head) ?? NO_CAUSE);
  }
}
