import type { Follows, Methods } from "../control/protocol.ts";
import type { Context } from "./context.ts";

/**
 * Hands each batch of a subscription to `take`, no faster than it takes them, until Ctrl-C; what was missed is said where it is
 * missing. `what`: the word for the items. Rejects when the daemon goes.
 */
export async function followUntilInterrupt<M extends keyof Follows>(
  context: Context,
  subscription: { readonly method: M; readonly params: Methods[M]["params"]; readonly what: string },
  take: (batch: Follows[M]) => Promise<void>,
): Promise<void> {
  const { terminal } = context;
  const { method, params, what } = subscription;
  await context.withDaemon(async (client) => {
    let interrupted = false;
    const release = terminal.onInterrupt(() => {
      interrupted = true;
      client.close();
    });
    try {
      for await (const batch of await client.follow(method, params)) {
        if (batch.missed > 0) terminal.err(`rind: ${batch.missed} ${what} are missing here (they came faster than they were read)\n`);
        await take(batch);
      }
    } catch (error) {
      if (!interrupted) throw error;
    } finally {
      release();
    }
  });
}
