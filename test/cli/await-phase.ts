import type { ControlClient } from "../../src/control/client.ts";
import type { Phase } from "../../src/model/phase.ts";

/**
 * Resolves when the instance is in that phase, or is no longer there ("gone"); at once where it is so already. Bounded by
 * the test, whose end closes the client.
 */
export async function phaseOf(client: ControlClient, instance: string, wanted: Phase | "gone"): Promise<void> {
  const feed = await client.follow("event.follow", { names: [instance] });
  const isSo = async (): Promise<boolean> => {
    const rows = await client.call("service.list", {});
    return (rows.find(({ name }) => name === instance)?.phase ?? "gone") === wanted;
  };
  if (await isSo()) return;
  for await (const { facts } of feed) {
    if (facts.some((fact) => fact.kind === "phase" && fact.to === wanted)) return;
    if (wanted === "gone" && (await isSo())) return;
  }
  throw new Error(`${instance} did not become ${wanted}`);
}
