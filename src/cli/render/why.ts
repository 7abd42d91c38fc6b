import type { ConditionRow, Why } from "../../control/api.ts";
import { withoutEchoes } from "./echo.ts";
import { factTrees } from "./facts.ts";
import type { Style } from "./style.ts";

/** What is so, each condition and whether it holds, what it waits for, what would change it, and what led here. */
export function renderWhy(why: Why, style: Style, nowMs: number): string[] {
  const conditions = why.conditions.flatMap(({ key, rows }) => section(key, conditionLines(rows, style, "  "), style));
  const listed = (title: string, texts: readonly string[]) =>
    section(
      title,
      texts.map((text) => `  ${text}`),
      style,
    );
  return [
    style.bold(why.summary),
    ...conditions,
    ...listed("waits for", why.waiting),
    ...listed(why.kind === "service" ? "would start when" : "would come when", why.would),
    ...section(
      "because",
      factTrees(withoutEchoes(why.because), style, nowMs).map((line) => `  ${line}`),
      style,
    ),
  ];
}

function section(title: string, lines: readonly string[], style: Style): string[] {
  return lines.length === 0 ? [] : ["", style.bold(title), ...lines];
}

function conditionLines(rows: readonly ConditionRow[], style: Style, indent: string): string[] {
  return rows.flatMap((row) => {
    const mark = row.holds ? style.green(style.marks.yes) : style.red(style.marks.no);
    const now = row.now === "" ? "" : `  ${style.dim(row.now)}`;
    return [`${indent}${mark} ${row.text}${now}`, ...conditionLines(row.of, style, `${indent}  `)];
  });
}
