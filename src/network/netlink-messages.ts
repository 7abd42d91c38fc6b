/**
 * The kernel's words about its network, see netlink(7) and rtnetlink(7): what it tells of links, addresses and routes, read out of bytes, and the
 * requests that make it tell all of them. Numbers are in the byte order of the machine, addresses in that of the network.
 *
 * Pure: bytes in, values out. What is cut off or makes no sense ends the reading and is no error: the kernel sends none.
 */
import { endianness } from "node:os";

/** What the kernel tells in one message. `seq` is that of the request which it answers, 0: nobody asked. */
export type NetlinkMessage = { readonly seq: number; readonly interrupted: boolean } & (
  | { readonly kind: "link"; readonly gone: boolean; readonly link: LinkNews }
  | { readonly kind: "address"; readonly gone: boolean; readonly address: AddressNews }
  | { readonly kind: "route"; readonly gone: boolean; readonly route: RouteNews }
  | { readonly kind: "done" }
  /** `errno` 0: it is done. */
  | { readonly kind: "error"; readonly errno: number }
  | { readonly kind: "other" }
);

export interface LinkNews {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  /** It has somebody at its other end. */
  readonly carrier: boolean;
  /** As in RFC 2863: `up`, `down`, `dormant`, `unknown` (of those that cannot tell, as a loopback). */
  readonly operstate: string;
  /** `02:42:ac:11:00:02`; empty where it has none. */
  readonly mac: string;
}

export interface AddressNews {
  readonly index: number;
  /** With its prefix length. */
  readonly address: string;
  /** Good for more than this link. */
  readonly global: boolean;
  /** It may be used: no other machine has it, as far as is known. */
  readonly usable: boolean;
}

/** A way to all that is not elsewhere: of other routes nothing is told. */
export interface RouteNews {
  readonly index: number;
  /** undefined: what is elsewhere is on the link. */
  readonly gateway: string | undefined;
  readonly family: 4 | 6;
  /** The lower goes first. */
  readonly metric: number;
}

const isLittle = endianness() === "LE";

const HEADER = 16;
const NLM_F_DUMP_INTR = 0x10;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM = {
  newLink: 16,
  delLink: 17,
  getLink: 18,
  newAddress: 20,
  delAddress: 21,
  getAddress: 22,
  newRoute: 24,
  delRoute: 25,
  getRoute: 26,
};

const AF_INET = 2;
const AF_INET6 = 10;

/** Groups of messages that are told unasked: RTMGRP_LINK, and of both versions of IP the addresses and routes. */
export const NETWORK_GROUPS = 0x1 | 0x10 | 0x40 | 0x1_00 | 0x4_00;

export const DUMPS = { links: RTM.getLink, addresses: RTM.getAddress, routes: RTM.getRoute } as const;

/** A request for all of a kind. */
export function dumpRequest(kind: keyof typeof DUMPS, seq: number): Buffer {
  const NLM_F_REQUEST_DUMP = 0x1 | 0x3_00;
  const body = { links: 16, addresses: 8, routes: 12 }[kind];
  const bytes = Buffer.alloc(HEADER + body);
  write32(bytes, 0, bytes.length);
  write16(bytes, 4, DUMPS[kind]);
  write16(bytes, 6, NLM_F_REQUEST_DUMP);
  write32(bytes, 8, seq);
  return bytes;
}

/** The messages of one datagram. */
export function readMessages(bytes: Buffer): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = read32(bytes, at);
    if (length < HEADER || at + length > bytes.length) break;
    messages.push(...readMessage(bytes.subarray(at, at + length)));
    at += align(length);
  }
  return messages;
}

function readMessage(message: Buffer): NetlinkMessage[] {
  const type = read16(message, 4);
  const common = { seq: read32(message, 8), interrupted: (read16(message, 6) & NLM_F_DUMP_INTR) !== 0 };
  const body = message.subarray(HEADER);
  switch (type) {
    case NLMSG_DONE:
      return [{ ...common, kind: "done" }];
    case NLMSG_ERROR:
      return [{ ...common, kind: "error", errno: body.length < 4 ? 0 : -(read32(body, 0) | 0) }];
    case RTM.newLink:
    case RTM.delLink: {
      const link = readLink(body);
      return link === undefined ? [{ ...common, kind: "other" }] : [{ ...common, kind: "link", gone: type === RTM.delLink, link }];
    }
    case RTM.newAddress:
    case RTM.delAddress: {
      const address = readAddress(body);
      return address === undefined
        ? [{ ...common, kind: "other" }]
        : [{ ...common, kind: "address", gone: type === RTM.delAddress, address }];
    }
    case RTM.newRoute:
    case RTM.delRoute:
      return readRoutes(body).map((route) => ({ ...common, kind: "route", gone: type === RTM.delRoute, route }));
    default:
      return [{ ...common, kind: "other" }];
  }
}

const IFF_UP = 0x1;
const IFF_LOWER_UP = 0x1_00_00;
const IFLA = { address: 1, name: 3, operstate: 16, carrier: 33 };
const OPERSTATES = ["unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"];

/** struct ifinfomsg */
function readLink(body: Buffer): LinkNews | undefined {
  if (body.length < 16) return undefined;
  const attributes = readAttributes(body, 16);
  const name = attributes.get(IFLA.name);
  // bridges tell of their ports in the same words, with a family
  if (name === undefined || body.readUInt8(0) !== 0) return undefined;
  const flags = read32(body, 8);
  const carrier = attributes.get(IFLA.carrier)?.[0];
  return {
    index: read32(body, 4),
    name: textOf(name),
    up: (flags & IFF_UP) !== 0,
    carrier: (flags & IFF_UP) !== 0 && (carrier === undefined ? (flags & IFF_LOWER_UP) !== 0 : carrier === 1),
    operstate: OPERSTATES[attributes.get(IFLA.operstate)?.[0] ?? 0] ?? "unknown",
    mac: [...(attributes.get(IFLA.address) ?? [])].map((byte) => byte.toString(16).padStart(2, "0")).join(":"),
  };
}

const IFA = { address: 1, local: 2, flags: 8 };
const IFA_F_DADFAILED = 0x08;
const IFA_F_TENTATIVE = 0x40;
const RT_SCOPE_LINK = 253;

/** struct ifaddrmsg. Of a link with two ends `local` is the own one. */
function readAddress(body: Buffer): AddressNews | undefined {
  if (body.length < 8) return undefined;
  const attributes = readAttributes(body, 8);
  const bytes = attributes.get(IFA.local) ?? attributes.get(IFA.address);
  const text = bytes === undefined ? undefined : addressText(bytes);
  if (text === undefined) return undefined;
  const wide = attributes.get(IFA.flags);
  const flags = wide === undefined || wide.length < 4 ? body.readUInt8(2) : read32(wide, 0);
  return {
    index: read32(body, 4),
    address: `${text}/${body.readUInt8(1)}`,
    global: body.readUInt8(3) < RT_SCOPE_LINK,
    usable: (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) === 0,
  };
}

const RTA = { oif: 4, gateway: 5, priority: 6, multipath: 9, table: 15, via: 18 };
const RT_TABLE_MAIN = 254;
const RTN_UNICAST = 1;

/** struct rtmsg. One route may have several next hops, each with a link of its own (struct rtnexthop). */
function readRoutes(body: Buffer): RouteNews[] {
  if (body.length < 12) return [];
  const attributes = readAttributes(body, 12);
  const [family, length, , , table] = body;
  const wide = attributes.get(RTA.table);
  const isMain = (wide === undefined || wide.length < 4 ? table : read32(wide, 0)) === RT_TABLE_MAIN;
  if ((family !== AF_INET && family !== AF_INET6) || length !== 0 || !isMain || body[7] !== RTN_UNICAST) return [];
  const common = { family: family === AF_INET ? 4 : 6, metric: numberIn(attributes.get(RTA.priority)) ?? 0 } as const;
  const index = numberIn(attributes.get(RTA.oif));
  if (index !== undefined) return [{ ...common, index, gateway: gatewayIn(attributes) }];
  const hops = attributes.get(RTA.multipath) ?? Buffer.alloc(0);
  const routes: RouteNews[] = [];
  for (let at = 0; at + 8 <= hops.length; ) {
    const hopLength = read16(hops, at);
    if (hopLength < 8 || at + hopLength > hops.length) break;
    const hop = hops.subarray(at, at + hopLength);
    routes.push({ ...common, index: read32(hop, 4), gateway: gatewayIn(readAttributes(hop, 8)) });
    at += align(hopLength);
  }
  return routes;
}

/** A next hop of the other version of IP comes with its family before it. */
function gatewayIn(attributes: ReadonlyMap<number, Buffer>): string | undefined {
  const bytes = attributes.get(RTA.gateway) ?? attributes.get(RTA.via)?.subarray(2);
  return bytes === undefined ? undefined : addressText(bytes);
}

/** What follows the fixed part of `start` bytes; of several of one type the last. */
function readAttributes(body: Buffer, start: number): ReadonlyMap<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  for (let at = start; at + 4 <= body.length; ) {
    const length = read16(body, at);
    if (length < 4 || at + length > body.length) break;
    // the two highest bits say how it is made, not what it is
    attributes.set(read16(body, at + 2) & 0x3f_ff, body.subarray(at + 4, at + length));
    at += align(length);
  }
  return attributes;
}

function numberIn(bytes: Buffer | undefined): number | undefined {
  return bytes === undefined || bytes.length < 4 ? undefined : read32(bytes, 0);
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end < 0 ? undefined : end);
}

function addressText(bytes: Buffer): string | undefined {
  if (bytes.length === 4) return [...bytes].join(".");
  if (bytes.length !== 16) return undefined;
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  return shortened(groups);
}

/** The longest run of two or more zeros, of equal ones the first, becomes `::` (RFC 5952). */
function shortened(groups: readonly string[]): string {
  let start = 0;
  let length = 1;
  for (let from = 0; from < groups.length; from++) {
    let to = from;
    while (groups[to] === "0") to++;
    if (to - from > length) [start, length] = [from, to - from];
  }
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

function align(length: number): number {
  return (length + 3) & ~3;
}

function read16(bytes: Buffer, at: number): number {
  return isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}

function read32(bytes: Buffer, at: number): number {
  return isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}

function write16(bytes: Buffer, at: number, value: number): void {
  if (isLittle) bytes.writeUInt16LE(value, at);
  else bytes.writeUInt16BE(value, at);
}

function write32(bytes: Buffer, at: number, value: number): void {
  if (isLittle) bytes.writeUInt32LE(value, at);
  else bytes.writeUInt32BE(value, at);
}
