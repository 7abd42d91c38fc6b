import type { DaemonLog } from "../../src/log/daemon-log.ts";

/** A log that keeps the messages, each after its level. */
export function quietLog(): DaemonLog & { readonly messages: readonly string[] } {
  const messages: string[] = [];
  const log = {
    messages,
    debug: (_: object, message: string) => void messages.push(`debug ${message}`),
    info: (_: object, message: string) => void messages.push(`info ${message}`),
    warn: (_: object, message: string) => void messages.push(`warn ${message}`),
    error: (_: object, message: string) => void messages.push(`error ${message}`),
    child: () => log,
  };
  return log;
}
