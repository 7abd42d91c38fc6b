import { readFileSync } from "node:fs";

const CAP_NET_ADMIN = 12;

/** Whether this process has the right to set up interfaces, see capabilities(7). */
export function mayChangeNetwork(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> BigInt(CAP_NET_ADMIN)) & 1n) === 1n;
}
