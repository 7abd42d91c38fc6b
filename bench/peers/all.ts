import { dinit } from "./dinit.ts";
import type { Ability, Peer } from "./peer.ts";
import { pm2 } from "./pm2.ts";
import { rinds } from "./rind.ts";
import { runit } from "./runit.ts";
import { s6 } from "./s6.ts";
import { supervisord } from "./supervisord.ts";
import { systemd } from "./systemd.ts";
import { report } from "../support/measure.ts";

const OWN = rinds();
const ALL: readonly Peer[] = [...OWN, dinit, runit, s6, systemd, pm2, supervisord];

/** The peers that are here and, if one is asked for, have the ability; says of each other one why not. RIND_BENCH_PEERS, names with commas, chooses among them. */
export function peersHere(bench: string, ability?: Ability): readonly Peer[] {
  const chosen = process.env["RIND_BENCH_PEERS"]?.split(",");
  return ALL.filter((peer) => {
    if (chosen !== undefined && !chosen.includes(peer.name) && !OWN.includes(peer)) return false;
    const leftOut = (ability && peer.unable?.[ability]) ?? peer.lacking();
    if (leftOut !== undefined) report(bench, { peer: peer.name, leftOut });
    return leftOut === undefined;
  });
}
