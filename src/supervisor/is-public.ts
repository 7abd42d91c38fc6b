import type { Fact } from "../model/fact.ts";

/** False of changes of hidden states, which are nobody's business. */
export function isPublic(fact: Fact): boolean {
  return fact.kind !== "state" || !fact.name.startsWith("~");
}
