import * as z from "zod";
import { list, table } from "./build.ts";
import { account } from "./process.ts";
import { enabled, itemName, reference } from "./values.ts";

const GID = "the number of a unix group";

/** Who has a right: a declared permission by its name, or the members of a unix group by its number. */
export const rights = list(
  z.union([reference, z.int({ error: GID }).min(0, { error: GID })], { error: "the name of a permission, or the number of a unix group" }),
  "permissions",
);

export const permission = table({
  name: itemName.describe("Its name within the file: GROUP.toml and ITEM make GROUP@ITEM."),
  group: account("group").optional().describe("Unix group whose members have it, by name or number."),
  users: list(account("user"), "users").optional().describe("Users who have it, by name or number."),
  includes: list(reference, "permissions").optional().describe("Permissions: who has one of these has it too."),
  enabled,
});

export type RawRights = z.output<typeof rights>;
export type RawPermission = z.output<typeof permission>;
