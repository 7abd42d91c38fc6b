import fc from "fast-check";
import { endianness } from "node:os";
import { expect, test } from "vitest";
import { dumpRequest, type NetlinkMessage, readMessages } from "../../../src/network/netlink-messages.ts";
import { ADDRESSES, DONE, LINKS, ROUTES } from "./captured.ts";

const bytesOf = (messages: readonly string[]): Buffer => Buffer.concat(messages.map((text) => Buffer.from(text, "base64")));
const read = (messages: readonly string[]): readonly NetlinkMessage[] => readMessages(bytesOf(messages));
const isLittle = endianness() === "LE";

test.runIf(isLittle)("links are told with their name, carrier and address", () => {
  const links = read(LINKS).flatMap((message) => (message.kind === "link" ? [message.link] : []));
  expect(links).toEqual([
    { index: 1, name: "lo", up: false, carrier: false, operstate: "down", mac: "00:00:00:00:00:00" },
    { index: 2, name: "v1", up: true, carrier: true, operstate: "up", mac: expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/) },
    { index: 3, name: "v0", up: true, carrier: true, operstate: "up", mac: "02:00:00:00:00:01" },
  ]);
});

test.runIf(isLittle)("addresses are told with their prefix length, and whether they are good for more than the link", () => {
  const addresses = read(ADDRESSES).flatMap((message) => (message.kind === "address" ? [message.address] : []));
  expect(addresses).toContainEqual({ index: 3, address: "10.7.0.2/24", global: true, usable: true });
  expect(addresses).toContainEqual({ index: 3, address: "fd07::2/64", global: true, usable: true });
  expect(addresses.filter(({ address }) => address.startsWith("fe80:")).every(({ global }) => !global)).toBe(true);
});

test.runIf(isLittle)("of routes only the default ones are told, one for each next hop", () => {
  const routes = read(ROUTES).flatMap((message) => (message.kind === "route" ? [message.route] : []));
  expect(routes).toEqual([
    { index: 3, gateway: "10.7.0.1", family: 4, metric: 5 },
    { index: 3, gateway: "10.7.0.3", family: 4, metric: 9 },
    { index: 3, gateway: "10.7.0.4", family: 4, metric: 9 },
    { index: 3, gateway: "fe80::5", family: 6, metric: 20 },
    { index: 3, gateway: "fe80::1", family: 6, metric: 1024 },
  ]);
});

test.runIf(isLittle)("a next hop of the other version of IP is told", () => {
  const message = Buffer.alloc(16 + 12 + 8 + 24);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(24, 4);
  message.set([2, 0, 0, 0, 254, 3, 0, 1], 16);
  message.set([8, 0, 4, 0, 3, 0, 0, 0], 28);
  message.set([22, 0, 18, 0, 10, 0], 36);
  message.set(Buffer.from("fe800000000000000000000000000005", "hex"), 42);
  expect(readMessages(message)).toMatchObject([{ kind: "route", route: { index: 3, gateway: "fe80::5", family: 4, metric: 0 } }]);
});

test.runIf(isLittle)("the end of an answer is told with the number of its request", () => {
  expect(read(DONE)).toEqual([{ seq: 1, interrupted: false, kind: "done" }]);
  const interrupted = bytesOf(DONE);
  interrupted.writeUInt16LE(interrupted.readUInt16LE(6) | 0x10, 6);
  expect(readMessages(interrupted)).toMatchObject([{ interrupted: true }]);
});

test("a request for all of a kind is one message with its number", () => {
  const bytes = dumpRequest("routes", 7);
  expect(bytes).toHaveLength(28);
  if (isLittle)
    expect([bytes.readUInt32LE(0), bytes.readUInt16LE(4), bytes.readUInt16LE(6), bytes.readUInt32LE(8)]).toEqual([28, 26, 0x301, 7]);
});

test("no bytes make the reader throw, also not what is cut off", () => {
  const whole = bytesOf([...LINKS, ...ADDRESSES, ...ROUTES]);
  for (let end = 0; end < whole.length; end += 3) expect(() => readMessages(whole.subarray(0, end))).not.toThrow();
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      readMessages(bytes);
    }),
  );
});

test.runIf(isLittle).each([
  ["00000000000000000000000000000000", "::"],
  ["20010db8000000000000000000000001", "2001:db8::1"],
  ["20010db8000000010000000000000001", "2001:db8:0:1::1"],
  ["20010db8000100020003000400050000", "2001:db8:1:2:3:4:5:0"],
  ["00000000000000010000000000000000", "0:0:0:1::"],
])("the address %s is written %s", (hex, text) => {
  const message = Buffer.alloc(16 + 8 + 20);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(20, 4);
  message.set([10, 64, 0, 0], 16);
  message.writeUInt32LE(3, 20);
  message.writeUInt16LE(20, 24);
  message.writeUInt16LE(1, 26);
  message.set(Buffer.from(hex, "hex"), 28);
  expect(readMessages(message)).toMatchObject([{ kind: "address", address: { address: `${text}/64` } }]);
});
