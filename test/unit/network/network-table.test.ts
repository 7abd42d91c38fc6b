import { expect, test } from "vitest";
import type { AddressNews, LinkNews, NetlinkMessage, RouteNews } from "../../../src/network/netlink-messages.ts";
import { NetworkStates } from "../../../src/network/network-states.ts";
import { NetworkTable } from "../../../src/network/network-table.ts";

const common = { seq: 0, interrupted: false };
const link = (given: Partial<LinkNews> = {}, gone = false): NetlinkMessage => ({
  ...common,
  kind: "link",
  gone,
  link: { index: 2, name: "eth0", up: true, carrier: true, operstate: "up", mac: "", ...given },
});
const address = (text: string, given: Partial<AddressNews> = {}, gone = false): NetlinkMessage => ({
  ...common,
  kind: "address",
  gone,
  address: { index: 2, address: text, global: true, usable: true, ...given },
});
const route = (gateway: string | undefined, given: Partial<RouteNews> = {}, gone = false): NetlinkMessage => ({
  ...common,
  kind: "route",
  gone,
  route: { index: 2, gateway, family: 4, metric: 0, ...given },
});

function tableOf(...messages: readonly NetlinkMessage[]): NetworkTable {
  const table = new NetworkTable();
  for (const message of messages) table.hear(message);
  return table;
}

test("an interface is configured by a global address that may be used, while it has a carrier", () => {
  expect(tableOf(link(), address("10.0.0.2/8")).configured).toEqual([{ name: "eth0", addresses: ["10.0.0.2/8"] }]);
  expect(tableOf(link(), address("fe80::1/64", { global: false })).configured).toEqual([]);
  expect(tableOf(link(), address("fd00::1/64", { usable: false })).configured).toEqual([]);
  expect(tableOf(link({ carrier: false }), address("10.0.0.2/8")).configured).toEqual([]);
  expect(tableOf(link(), address("fd00::1/64"), address("10.0.0.2/8")).configured[0]?.addresses).toEqual(["10.0.0.2/8", "fd00::1/64"]);
});

test("an interface is online by a default route while it has a carrier; the way of IPv4 with the lowest metric is told", () => {
  const ways = [route("10.0.0.9", { metric: 9 }), route("fe80::1", { family: 6 }), route("10.0.0.1", { metric: 5 })];
  expect(tableOf(link(), ...ways).online).toEqual([{ name: "eth0", gateway: "10.0.0.1" }]);
  expect(tableOf(link({ carrier: false }), ...ways).online).toEqual([]);
  expect(tableOf(link(), route(undefined)).online).toEqual([{ name: "eth0", gateway: undefined }]);
  expect(tableOf(link(), route("10.0.0.1"), route("10.0.0.1", {}, true)).online).toEqual([]);
});

test("routes are in doubt when a link goes down or away, or an address goes, as the kernel does not tell of all that it drops", () => {
  const table = tableOf(link(), address("10.0.0.2/8"));
  expect(table.hear(address("10.0.0.3/8"))).toBe(false);
  expect(table.hear(link())).toBe(false);
  expect(table.hear(address("10.0.0.3/8", {}, true))).toBe(true);
  expect(table.hear(link({ up: false }))).toBe(true);
  expect(table.hear(link({}, true))).toBe(true);
  expect([table.links, table.configured, table.online]).toEqual([[], [], []]);
});

test("what is read anew takes the place of what was known when all of it was told, with what changes meanwhile", () => {
  const table = tableOf(link(), route("10.0.0.1"), route("10.0.0.2", { metric: 1 }));
  table.begin("routes");
  table.hear(route("10.0.0.2", { metric: 1 }));
  expect(table.online).toEqual([{ name: "eth0", gateway: "10.0.0.1" }]);
  table.hear(route("10.0.0.3", { metric: 2 }));
  table.hear(route("10.0.0.3", { metric: 2 }, true));
  table.end();
  expect(table.online).toEqual([{ name: "eth0", gateway: "10.0.0.2" }]);
  expect(table.links).toHaveLength(1);
});

test("the states are told what is new and what is gone, the first time all of it", () => {
  const states = new NetworkStates();
  const table = tableOf(link());
  const unsets = ["net@interface", "net@configured", "net@online"].map((state) => ({ op: "unset", state, filter: undefined }));
  expect(states.changes(table).filter(({ op }) => op === "unset")).toEqual(unsets);
  expect(states.changes(table)).toEqual([]);
  table.hear(address("10.0.0.2/8"));
  expect(states.changes(table)).toEqual([
    {
      op: "set",
      state: "net@configured",
      payload: { name: "eth0", address: "10.0.0.2/8", addresses: ["10.0.0.2/8"] },
      replace: true,
    },
  ]);
  table.hear(link({ carrier: false }));
  expect(states.changes(table)).toMatchObject([
    { op: "set", state: "net@interface" },
    { op: "unset", state: "net@configured", filter: { name: "eth0" } },
  ]);
});
