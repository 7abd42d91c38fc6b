import { connectControl } from "../../src/control/client.ts";
import type { Phase } from "../../src/model/phase.ts";
import type { Project } from "./daemon-rig.ts";

const PATIENCE_MS = 20_000;

/** Resolves when the instance is in that phase, or no longer there ("gone"); at once where it is so already. Rejects after 20 seconds. */
export async function phaseOf({ socket }: Pick<Project, "socket">, instance: string, wanted: Phase | "gone"): Promise<void> {
  const client = await connectControl(socket);
  const timer = setTimeout(() => client.close(), PATIENCE_MS);
  try {
    // Before the first look, so that nothing is missed between the two.
    const feed = await client.follow("event.subscribe", { names: [instance] });
    const isSo = async (): Promise<boolean> => {
      const rows = await client.call("service.list", {});
      return (rows.find(({ name }) => name === instance)?.phase ?? "gone") === wanted;
    };
    if (await isSo()) return;
    for await (const { facts } of feed) {
      if (facts.some((fact) => fact.kind === "phase" && fact.to === wanted)) return;
      if (wanted === "gone" && (await isSo())) return;
    }
  } finally {
    clearTimeout(timer);
    client.close();
  }
  throw new Error(`${instance} did not become ${wanted} within ${PATIENCE_MS} ms`);
}
