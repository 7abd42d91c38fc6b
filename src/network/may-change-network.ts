import { readProcFile } from "../lib/proc.ts";

const CAP_NET_ADMIN = 12;

/** Whether this process has the right to set up interfaces, see capabilities(7). Without /proc nobody can tell, and nothing is set up. */
export function mayChangeNetwork(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readProcFile("/proc/self/status") ?? "")?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> BigInt(CAP_NET_ADMIN)) & 1n) === 1n;
}
