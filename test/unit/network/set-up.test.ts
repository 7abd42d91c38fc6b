import { expect, test } from "vitest";
import type { NetworkDecl } from "../../../src/model/unit-set.ts";
import { setUp, takeBack } from "../../../src/network/set-up.ts";

const decl = (given: Partial<NetworkDecl> = {}): NetworkDecl => ({
  name: "g@wan",
  interface: "eth0",
  method: "static",
  address: [],
  gateway: undefined,
  dns: [],
  route: [],
  origin: undefined,
  ...given,
});

function recorder(refused: Readonly<Record<string, string>> = {}) {
  const asked: string[] = [];
  const ip = (words: readonly string[]): Promise<string | undefined> => {
    asked.push(words.join(" "));
    return Promise.resolve(refused[words.join(" ")]);
  };
  return { asked, ip };
}

test("an interface is brought up, gets the addresses that it lacks, ways on the link, ways over others, and the default one", async () => {
  const { asked, ip } = recorder();
  const whole = decl({
    address: ["10.0.0.2/24", "10.0.0.3/31", "fd00::2/64"],
    gateway: "fe80::1",
    route: [
      { to: "10.9.0.0/16", via: "10.0.0.9" },
      { to: "10.8.0.1/32", via: undefined },
    ],
  });
  expect(await setUp(whole, ["10.0.0.2/24"], ip)).toBeUndefined();
  expect(asked).toEqual([
    "link set dev eth0 up",
    "addr add 10.0.0.3/31 dev eth0",
    "-6 addr add fd00::2/64 dev eth0",
    "route replace 10.8.0.1/32 dev eth0",
    "route replace 10.9.0.0/16 via 10.0.0.9 dev eth0",
    "-6 route replace default via fe80::1 dev eth0",
  ]);
});

test("an address that is there already is no failure, any other is, and the rest is done", async () => {
  const add = "addr add 10.0.0.2/24 broadcast + dev eth0";
  const one = decl({ address: ["10.0.0.2/24"], gateway: "10.0.0.1" });
  expect(await setUp(one, [], recorder({ [add]: "RTNETLINK answers: File exists" }).ip)).toBeUndefined();
  const { asked, ip } = recorder({ [add]: "no" });
  expect(await setUp(one, [], ip)).toBe("no");
  expect(asked.at(-1)).toBe("route replace default via 10.0.0.1 dev eth0");
});

test("what units do not ask for any more is taken back, and what they still ask for stays", async () => {
  const { asked, ip } = recorder();
  const before = decl({ address: ["10.0.0.2/24", "10.0.0.3/24"], gateway: "10.0.0.1" });
  await takeBack(before, decl({ address: ["10.0.0.3/24"], gateway: "10.0.0.1" }), ip);
  expect(asked).toEqual(["addr del 10.0.0.2/24 dev eth0"]);
  await takeBack(before, undefined, ip);
  expect(asked.slice(1)).toEqual([
    "route del default via 10.0.0.1 dev eth0",
    "addr del 10.0.0.2/24 dev eth0",
    "addr del 10.0.0.3/24 dev eth0",
  ]);
});

test("an address that a server gave goes when units ask none any more", async () => {
  const { asked, ip } = recorder();
  await takeBack(decl({ method: "dhcp" }), decl({ method: "dhcp" }), ip);
  await takeBack(decl({ method: "dhcp" }), decl({ method: "none" }), ip);
  expect(asked).toEqual(["-4 addr flush dev eth0"]);
});
