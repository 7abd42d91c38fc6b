import { assertNever } from "../../lib/assert-never.ts";
import type { Fact } from "../../model/fact.ts";
import type { Json } from "../../model/json.ts";
import { RESTRICTED } from "./states.ts";
import type { Style } from "./style.ts";
import { cut } from "./table.ts";
import { clockTime } from "./time.ts";

const PAYLOAD_WIDTH = 80;

/** One fact in words, without its time. */
export function factText(fact: Fact, style: Style): string {
  switch (fact.kind) {
    case "outside":
      return style.bold(fact.what);
    case "state": {
      const name = fact.key === "" ? fact.name : `${fact.name}/${fact.key}`;
      if (fact.after === undefined) return `state ${style.cyan(name)} is gone`;
      return `state ${style.cyan(name)} ${fact.before === undefined ? "is set" : "changes"}${payload(fact.after, fact)}`;
    }
    case "signal":
      return `signal ${style.cyan(fact.name)}${payload(fact.payload, fact)}`;
    case "request":
      return `${fact.action} ${style.cyan(fact.instance)}${because(fact.reason)}`;
    case "phase":
      return `${style.cyan(fact.instance)} ${fact.from} ${style.marks.arrow} ${fact.to}${because(fact.reason)}`;
    default:
      return assertNever(fact);
  }
}

/**
 * The facts as trees, oldest first: each under what caused it (the latest of several causes), with the time of the outside
 * event and how much later each consequence came.
 */
export function factTrees(facts: readonly Fact[], style: Style, nowMs: number): string[] {
  const byId = new Map(facts.map((fact) => [fact.id, fact]));
  const children = new Map<Fact | undefined, Fact[]>();
  for (const fact of [...facts].sort((a, b) => a.id - b.id)) {
    // A cause is older than what it causes; whatever else is said would be a circle.
    const causes = fact.cause.filter((id) => byId.has(id) && id < fact.id);
    const parent = causes.length === 0 ? undefined : byId.get(Math.max(...causes));
    children.set(parent, [...(children.get(parent) ?? []), fact]);
  }
  const lines: string[] = [];
  for (const root of children.get(undefined) ?? []) {
    const start = clockTime(root.time, nowMs);
    lines.push(`${style.dim(start)}  ${factText(root, style)}`);
    addChildren(root, "", { children, root, width: start.length, style, lines });
  }
  return lines;
}

interface Drawing {
  readonly children: ReadonlyMap<Fact | undefined, readonly Fact[]>;
  readonly root: Fact;
  readonly width: number;
  readonly style: Style;
  readonly lines: string[];
}

/** An explicit stack: a chain of causes may be as long as the history. */
function addChildren(root: Fact, indent: string, drawing: Drawing): void {
  const { children, width, style, lines } = drawing;
  const stack = placed(children.get(root), indent);
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { fact, indent: before, last } = next;
    const later = `+${duration(fact.time - drawing.root.time)}`.padStart(width);
    const guide = before + (last ? style.marks.lastBranch : style.marks.branch);
    lines.push(`${style.dim(later)}  ${style.dim(guide)}${factText(fact, style)}`);
    stack.push(...placed(children.get(fact), before + (last ? "   " : style.marks.trunk)));
  }
}

function placed(facts: readonly Fact[] | undefined, indent: string): { fact: Fact; indent: string; last: boolean }[] {
  return (facts ?? []).map((fact, i, all) => ({ fact, indent, last: i === all.length - 1 })).reverse();
}

function duration(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)}ms` : `${Math.round(ms / 1_000)}s`;
}

function payload(value: Json, { restricted }: { readonly restricted?: true }): string {
  if (restricted) return ` ${RESTRICTED}`;
  return value === null ? "" : ` ${cut(JSON.stringify(value), PAYLOAD_WIDTH)}`;
}

function because(reason: string): string {
  return reason === "" ? "" : `: ${reason}`;
}
