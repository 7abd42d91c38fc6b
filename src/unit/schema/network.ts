import * as z from "zod";
import { list, table, word } from "./build.ts";
import { enabled, filledText, itemName } from "./values.ts";

const route = table({
  to: filledText.describe("Network with its prefix length (10.0.0.0/8), an address, or default."),
  via: filledText.optional().describe("Address of the next hop; default: it is on the link."),
});

export const network = table({
  name: itemName.describe("Its name within the file: GROUP.toml and ITEM make GROUP@ITEM."),
  interface: filledText.optional().describe("The kernel's name of the interface, such as eth0; default: name."),
  method: word(["static", "dhcp", "none"])
    .optional()
    .describe(
      '"static": address and what goes with it; "dhcp": asks by udhcpc or dhclient; "none": only up. Default: "static" with an address.',
    ),
  address: z
    .union([filledText, list(filledText, "addresses")], { error: 'an address with its prefix length, such as "10.0.0.2/24", or a list' })
    .optional()
    .describe("Its addresses, each with its prefix length: 10.0.0.2/24."),
  gateway: filledText.optional().describe("Address of the router for all that is elsewhere."),
  dns: z
    .union([filledText, list(filledText, "addresses")], { error: "an address, or a list of addresses" })
    .optional()
    .describe("Addresses of name servers, written to /etc/resolv.conf."),
  route: list(route, "routes").optional().describe("Further routes over it."),
  enabled,
});

export type RawNetwork = z.output<typeof network>;
