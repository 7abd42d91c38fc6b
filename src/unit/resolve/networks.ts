/** `[[network]]`: addresses are looked at here, whole, so that nothing is set up by halves at boot. */
import { BlockList, isIP } from "node:net";
import type { NetworkDecl, Origin, RouteDecl } from "../../model/unit-set.ts";
import { itemOf } from "../names.ts";
import type { Path, Report } from "../problem.ts";
import type { RawNetwork } from "../schema/network.ts";
import type { Scope } from "../scope.ts";

/** As the kernel takes them: IFNAMSIZ less the byte at the end, no slash, no space, no colon. */
const INTERFACE_PATTERN = /^(?!\.{1,2}$)[^/\s:\0]{1,15}$/;

export function resolveNetwork(name: string, raw: RawNetwork, origin: Origin, scope: Scope): NetworkDecl {
  const { report } = scope;
  const address = listOf(raw.address);
  const method = raw.method ?? (address.length > 0 ? "static" : undefined);
  const itsInterface = raw.interface ?? itemOf(name);
  if (!INTERFACE_PATTERN.test(itsInterface)) {
    const at = raw.interface === undefined ? "name" : "interface";
    report.error(
      [at],
      `"${itsInterface}" is no name of an interface: at most 15 characters, no "/", ":" or space`,
      'such as interface = "eth0"',
    );
  }
  if (method === undefined) report.error([], '"method" is missing', 'it must be "static", "dhcp" or "none"');
  if (method === "static" && address.length === 0) report.error([], 'method = "static" needs "address"', 'such as address = "10.0.0.2/24"');
  if (method === "dhcp" || method === "none") refuseStatic(raw, method, report);
  const goodAddresses = address.filter((text, index) => isNetwork(text, placeOf(raw.address, ["address"], index), true, report));
  const routes = (raw.route ?? []).map((route, index) => routeOf(route, ["route", index], report));
  const { gateway } = raw;
  if (gateway !== undefined && isAddress(gateway, ["gateway"], report)) checkReach(gateway, goodAddresses, routes, report);
  const dns = listOf(raw.dns);
  dns.forEach((text, index) => isAddress(text, placeOf(raw.dns, ["dns"], index), report));
  return {
    name,
    interface: itsInterface,
    method: method ?? "none",
    address,
    gateway,
    dns,
    route: routes,
    origin,
  };
}

function listOf(raw: string | readonly string[] | undefined): readonly string[] {
  return raw === undefined || typeof raw !== "string" ? (raw ?? []) : [raw];
}

function placeOf(raw: unknown, path: Path, index: number): Path {
  return typeof raw === "string" ? path : [...path, index];
}

/** What only a fixed address makes sense of. */
function refuseStatic(raw: RawNetwork, method: string, report: Report): void {
  for (const key of ["address", "gateway", "route"] as const) {
    if (raw[key] === undefined || raw[key].length === 0) continue;
    report.errorAtKey([key], `"${key}" means nothing with method = "${method}"`, 'write method = "static", or leave it out');
  }
}

function isAddress(text: string, path: Path, report: Report): boolean {
  if (isIP(text) !== 0) return true;
  const [address = "", ...rest] = text.split("/");
  const hint = rest.length > 0 && isIP(address) !== 0 ? "leave out the prefix length" : 'such as "10.0.0.1" or "fe80::1"';
  report.error(path, `"${text}" is no address`, hint);
  return false;
}

/** An address with its prefix length. */
function isNetwork(text: string, path: Path, withLength: boolean, report: Report): boolean {
  const [address = "", length, ...rest] = text.split("/");
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  if (version === 0 || rest.length > 0 || (length !== undefined && !/^[0-9]{1,3}$/.test(length))) {
    report.error(path, `"${text}" is no address with its prefix length`, 'such as "10.0.0.2/24"');
  } else if (length === undefined && withLength) {
    report.error(path, `"${text}" lacks its prefix length`, `such as "${text}/${version === 4 ? 24 : 64}"`);
  } else if (Number(length ?? 0) > most) {
    report.error(path, `the prefix length of "${text}" is at most ${most}`);
  } else return true;
  return false;
}

function routeOf({ to, via }: { readonly to: string; readonly via?: string | undefined }, path: Path, report: Report): RouteDecl {
  const isGood = to === "default" || isNetwork(to, [...path, "to"], false, report);
  if (via === undefined || !isAddress(via, [...path, "via"], report) || !isGood || to === "default") return { to, via };
  if (isIP(via) !== isIP(to.split("/")[0] ?? "")) report.error([...path, "via"], `"${via}" and "${to}" are of different versions of IP`);
  return { to, via };
}

/** The kernel refuses a next hop that is not on one of the link's own networks. */
function checkReach(gateway: string, addresses: readonly string[], routes: readonly RouteDecl[], report: Report): void {
  const onLink = [...addresses, ...routes.filter(({ via }) => via === undefined).map(({ to }) => to), "fe80::/10"];
  const reach = new BlockList();
  for (const text of onLink) {
    const [address = "", length] = text.split("/");
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    if (version === 0 || Number(length ?? most) > most) continue;
    reach.addSubnet(address, Number(length ?? most), version === 4 ? "ipv4" : "ipv6");
  }
  if (addresses.length === 0 || reach.check(gateway, isIP(gateway) === 4 ? "ipv4" : "ipv6")) return;
  report.error(
    ["gateway"],
    `${gateway} is on none of its networks (${addresses.join(", ")})`,
    "check it, or add a route to it that has no via",
  );
}

/** Two that set up the same interface would undo each other. */
export function checkInterfaces(networks: readonly NetworkDecl[], reportOf: (name: string) => Report): void {
  const first = new Map<string, string>();
  for (const { name, interface: its } of networks) {
    const other = first.get(its);
    if (other === undefined) first.set(its, name);
    else
      reportOf(name).error([], `${other} sets up the interface ${its} already`, "give each an interface of its own; address takes a list");
  }
}
