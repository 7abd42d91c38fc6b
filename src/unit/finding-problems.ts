import type { Finding } from "../flow/program.ts";
import type { Item } from "./collect-items.ts";
import type { Problem } from "./problem.ts";

/** What the compiled program found, as problems of the items that it is about. */
export function findingProblems(findings: readonly Finding[], items: readonly Item[]): Problem[] {
  if (findings.length === 0) return [];
  const layers = new Map(items.map((item) => [`${item.section} ${item.name ?? ""}`, item.layers]));
  return findings.map(({ kind, item, path, severity, message, hint }) => ({
    severity,
    layers: layers.get(`${kind} ${item}`) ?? [],
    path,
    atKey: false,
    message,
    hint,
  }));
}
