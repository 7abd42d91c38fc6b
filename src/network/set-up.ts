/**
 * What a `[[network]]` asks of the kernel, as words for ip(8), in order. What is there already is asked for again, which changes nothing: so the
 * same is done when an interface comes, comes up again, and after a reload.
 */
import { isIPv6 } from "node:net";
import type { NetworkDecl } from "../model/unit-set.ts";
import type { Ip } from "./ip-command.ts";

/** Answers the first thing that went wrong; what does not depend on it is done all the same. */
export async function setUp(decl: NetworkDecl, present: readonly string[], ip: Ip): Promise<string | undefined> {
  const { interface: its } = decl;
  const up = await ip(["link", "set", "dev", its, "up"]);
  if (up !== undefined) return up;
  const failures: string[] = [];
  const missing = decl.address.filter((address) => !present.includes(address));
  for (const words of [
    ...missing.map((address) => addressWords(address, its)),
    ...routeWords(decl).map((route) => ["route", "replace", ...route]),
  ]) {
    const failure = await ip(versioned(words));
    // an address may be written in more ways than one
    if (failure !== undefined && !/File exists|already assigned/.test(failure)) failures.push(failure);
  }
  return failures[0];
}

/** Takes back what `before` asked for and `now` does not; undefined: nothing is asked for any more. */
export async function takeBack(before: NetworkDecl, now: NetworkDecl | undefined, ip: Ip): Promise<void> {
  const { interface: its } = before;
  const same = now?.interface === its ? now : undefined;
  const kept = new Set(same === undefined ? [] : routeWords(same).map((words) => words.join(" ")));
  for (const words of routeWords(before)) if (!kept.has(words.join(" "))) await ip(versioned(["route", "del", ...words]));
  for (const address of before.address) {
    if (same?.address.includes(address) !== true) await ip(versioned(["addr", "del", address, "dev", its]));
  }
  if (before.method === "dhcp" && same?.method !== "dhcp") await ip(["-4", "addr", "flush", "dev", its]);
}

function addressWords(address: string, its: string): readonly string[] {
  const hasBroadcast = !address.includes(":") && Number(address.split("/")[1]) < 31;
  return ["addr", "add", address, ...(hasBroadcast ? ["broadcast", "+"] : []), "dev", its];
}

/** Those on the link first: the others may lead over them. */
function routeWords({ route, gateway, interface: its }: NetworkDecl): readonly (readonly string[])[] {
  const onLink = route.filter(({ via }) => via === undefined);
  const over = route.filter(({ via }) => via !== undefined);
  const all = [...onLink, ...over, ...(gateway === undefined ? [] : [{ to: "default", via: gateway }])];
  return all.map(({ to, via }) => [to, ...(via === undefined ? [] : ["via", via]), "dev", its]);
}

/** `default` says nothing of the version of IP, the address beside it does. */
function versioned(words: readonly string[]): readonly string[] {
  return words.some((word) => isIPv6(word.split("/")[0] ?? "")) ? ["-6", ...words] : words;
}
