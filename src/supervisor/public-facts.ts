import type { Fact } from "../model/fact.ts";
import type { History } from "./history.ts";
import { isPublic } from "./is-public.ts";

/** Those of `facts` that people may see. What a hidden state brought about is told as the consequence of what had changed that. */
export function publicFacts(facts: readonly Fact[], history: History): readonly Fact[] {
  return facts.filter(isPublic).map((fact) => {
    const cause = publicCauses(fact, history);
    return cause === fact.cause ? fact : { ...fact, cause };
  });
}

/** Only what is forgotten stays as it is: an id that leads nowhere. */
function publicCauses({ cause }: Fact, history: History): readonly number[] {
  const isHidden = (id: number): boolean => {
    const fact = history.get(id);
    return fact !== undefined && !isPublic(fact);
  };
  if (!cause.some(isHidden)) return cause;
  const seen = new Set(cause);
  // grows while it is walked
  for (const id of seen) if (isHidden(id)) for (const before of history.get(id)?.cause ?? []) seen.add(before);
  return [...seen].filter((id) => !isHidden(id));
}
