import type { Change } from "../model/change.ts";
import type { JsonObject } from "../model/json.ts";
import type { NetworkTable } from "./network-table.ts";

export const NETWORK_STATES = ["net@interface", "net@configured", "net@online"] as const;
type NetworkState = (typeof NETWORK_STATES)[number];

/** What the states of the network were told last, so that only what is new is said. */
export class NetworkStates {
  readonly #told = new Map<NetworkState, ReadonlyMap<string, string>>();

  /** What has to be changed for the states to say what the kernel says. The first time it is all of it, whatever they say. */
  changes(table: NetworkTable): readonly Change[] {
    const now = payloadsOf(table);
    return NETWORK_STATES.flatMap((state) => {
      const before = this.#told.get(state);
      const texts = new Map(now[state].map((payload) => [payload.name, JSON.stringify(payload)]));
      this.#told.set(state, texts);
      const gone = before === undefined ? [undefined] : [...before.keys()].filter((name) => !texts.has(name)).map((name) => ({ name }));
      return [
        ...gone.map((filter): Change => ({ op: "unset", state, filter })),
        ...now[state].flatMap((payload): Change[] =>
          before?.get(payload.name) === texts.get(payload.name) ? [] : [{ op: "set", state, payload, replace: true }],
        ),
      ];
    });
  }
}

type Named = JsonObject & { readonly name: string };

function payloadsOf(table: NetworkTable): Readonly<Record<NetworkState, readonly Named[]>> {
  return {
    "net@interface": table.links.map(({ name, index, up, carrier, operstate, mac }) => ({ name, index, up, carrier, operstate, mac })),
    "net@configured": table.configured.map(({ name, addresses }) => ({ name, address: addresses[0] ?? "", addresses })),
    "net@online": table.online.map(({ name, gateway }) => ({ name, gateway: gateway ?? null })),
  };
}
