import type { NarratedLine } from "../../daemon/narrator.ts";
import type { Style } from "./style.ts";

/** A line of the narration of `rind up`: `GROUP@ITEM: what`, told apart from output (`GROUP@ITEM | line`) by its colon. */
export function narrationLine({ instance, text, mood }: NarratedLine, style: Style): string {
  const paint = { good: style.green, bad: style.red, waiting: style.yellow, plain: style.dim }[mood];
  return `${instance === undefined ? "" : `${style.bold(instance)}: `}${paint(text)}`;
}
