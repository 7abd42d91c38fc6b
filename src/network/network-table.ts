/**
 * The kernel's network as far as it has been told: links, their addresses, and the ways to all that is elsewhere. What is read anew (a dump)
 * takes the place of what was known when it is whole; what is told meanwhile counts for both.
 *
 * Pure. The kernel does not tell of every route that it drops: when a link or an address goes, routes are in doubt and have to be read anew.
 */
import type { AddressNews, LinkNews, NetlinkMessage, RouteNews } from "./netlink-messages.ts";

export type Dump = "links" | "addresses" | "routes";

interface Known {
  readonly links: Map<number, LinkNews>;
  /** By link and address. */
  readonly addresses: Map<string, AddressNews>;
  readonly routes: Map<string, RouteNews>;
}

/** An interface with an address that is good for more than the link. */
export interface ConfiguredLink {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** An interface over which all that is elsewhere is reached. */
export interface OnlineLink {
  readonly name: string;
  /** undefined: what is elsewhere is on the link. */
  readonly gateway: string | undefined;
}

export class NetworkTable {
  readonly #known: Known = { links: new Map(), addresses: new Map(), routes: new Map() };
  /** What is being read anew. */
  #fresh: { readonly dump: Dump; readonly known: Known } | undefined;

  begin(dump: Dump): void {
    this.#fresh = { dump, known: { links: new Map(), addresses: new Map(), routes: new Map() } };
  }

  /** All of it was read: what was not told any more is gone. */
  end(): void {
    if (this.#fresh === undefined) return;
    const { dump, known } = this.#fresh;
    replace<unknown, unknown>(this.#known[dump], known[dump]);
    this.#fresh = undefined;
  }

  /** Answers whether routes are in doubt after this. */
  hear(message: NetlinkMessage): boolean {
    if (this.#fresh !== undefined) take(this.#fresh.known, message);
    return take(this.#known, message);
  }

  get links(): readonly LinkNews[] {
    return [...this.#known.links.values()];
  }

  /** All addresses of a link, with their prefix lengths. */
  addressesOf(index: number): readonly string[] {
    return [...this.#known.addresses.values()].flatMap((each) => (each.index === index ? [each.address] : []));
  }

  get configured(): readonly ConfiguredLink[] {
    const { links, addresses } = this.#known;
    const found = new Map<number, string[]>();
    for (const { index, address, global, usable } of addresses.values()) {
      const link = links.get(index);
      if (!global || !usable || link?.carrier !== true) continue;
      found.set(index, [...(found.get(index) ?? []), address]);
    }
    return [...found].flatMap(([index, all]) => {
      const link = links.get(index);
      return link === undefined ? [] : [{ name: link.name, addresses: all.toSorted(byVersion) }];
    });
  }

  get online(): readonly OnlineLink[] {
    const best = new Map<number, RouteNews>();
    for (const route of [...this.#known.routes.values()].toSorted((a, b) => a.family - b.family || a.metric - b.metric)) {
      if (!best.has(route.index)) best.set(route.index, route);
    }
    return [...best].flatMap(([index, { gateway }]) => {
      const link = this.#known.links.get(index);
      return link?.carrier === true ? [{ name: link.name, gateway }] : [];
    });
  }
}

function take({ links, addresses, routes }: Known, message: NetlinkMessage): boolean {
  switch (message.kind) {
    case "link": {
      const { index } = message.link;
      const before = links.get(index);
      if (message.gone) links.delete(index);
      else links.set(index, message.link);
      if (message.gone) drop(addresses, index);
      if (message.gone) drop(routes, index);
      return message.gone || before?.up !== message.link.up;
    }
    case "address": {
      const id = `${message.address.index} ${message.address.address}`;
      if (message.gone) addresses.delete(id);
      else addresses.set(id, message.address);
      return message.gone;
    }
    case "route": {
      const { index, gateway, family, metric } = message.route;
      const id = `${index} ${family} ${metric} ${gateway ?? ""}`;
      if (message.gone) routes.delete(id);
      else routes.set(id, message.route);
      return false;
    }
    default:
      return false;
  }
}

function drop<T extends { readonly index: number }>(all: Map<string, T>, index: number): void {
  for (const [id, each] of all) if (each.index === index) all.delete(id);
}

function replace<K, V>(all: Map<K, V>, fresh: Map<K, V>): void {
  all.clear();
  for (const [key, value] of fresh) all.set(key, value);
}

/** IPv4 before IPv6, else in the order of their text. */
function byVersion(a: string, b: string): number {
  return Number(a.includes(":")) - Number(b.includes(":")) || (a < b ? -1 : 1);
}
