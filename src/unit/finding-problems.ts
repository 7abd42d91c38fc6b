import type { Finding } from "../flow/program.ts";
import type { Item } from "./collect-items.ts";
import { type ForeignPlace, placeKey } from "./cross-services.ts";
import type { Problem } from "./problem.ts";

/** What the compiled program found, as problems of the items that it is about; `foreign`: entries of `after` that others wrote. */
export function findingProblems(
  findings: readonly Finding[],
  items: readonly Item[],
  foreign: ReadonlyMap<string, ForeignPlace>,
): Problem[] {
  if (findings.length === 0) return [];
  const layers = new Map(items.map((item) => [`${item.section} ${item.name ?? ""}`, item.layers]));
  return findings.map(({ kind, item, path, severity, message, hint }) => ({
    severity,
    ...(elsewhere(kind, item, path, foreign) ?? { layers: layers.get(`${kind} ${item}`) ?? layers.get(`network ${item}`) ?? [], path }),
    atKey: false,
    message,
    hint,
  }));
}

function elsewhere(
  kind: Finding["kind"],
  item: string,
  [key, index]: Finding["path"],
  foreign: ReadonlyMap<string, ForeignPlace>,
): ForeignPlace | undefined {
  return kind === "service" && key === "after" && typeof index === "number" ? foreign.get(placeKey(item, index)) : undefined;
}
