import type { ChangeAnswer, ReloadAnswer } from "../../control/api.ts";
import type { Style } from "./style.ts";

/** What a change has caused, one effect per line, and what the caller should know. */
export function changeLines(answer: ChangeAnswer, style: Style): string[] {
  const width = Math.max(0, ...answer.effects.map(({ kind }) => kind.length));
  const effects = answer.effects.map(({ kind, name }) => `${style.dim(kind.padEnd(width))}  ${name}`);
  const nothing = answer.changed || effects.length > 0 ? [] : ["nothing changed"];
  return [...effects, ...nothing, ...answer.notes.map((note) => `note: ${note}`)];
}

export function reloadLines(answer: ReloadAnswer, style: Style): string[] {
  const lines = (["added", "changed", "removed", "stale"] as const).flatMap((what) =>
    answer[what].map((name) => `${style.dim(what.padEnd(7))}  ${name}`),
  );
  return lines.length === 0 ? ["nothing changed"] : lines;
}
