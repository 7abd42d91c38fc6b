/** What `[[state]]` and `[[signal]]` have in common. */
import * as z from "zod";
import { PAYLOAD_KINDS } from "../../model/unit-set.ts";
import { list, table, word } from "./build.ts";
import { rights } from "./permission.ts";
import { enabled, filledText, itemName } from "./values.ts";

/** `"field"`, or `"target:source"`. */
export const branchField = z
  .string({ error: "the name of a field" })
  .regex(/^[^:\0]+(:[^:\0]+)?$/, { error: 'the name of a field, or "target:source"' });

const subscriber = table({
  id: word(["uds"]).describe("The protocol of the subscribers: a unix socket with one json line per change."),
  options: list(filledText, "paths").describe("Paths of the sockets."),
  permissions: rights.optional().describe("Who may subscribe: permissions, or numbers of unix groups."),
});

export const payloadKind = word(PAYLOAD_KINDS);

export const factShape = {
  name: itemName.describe("Its name within the file: GROUP.toml and ITEM make GROUP@ITEM."),
  branch: list(branchField, "names of fields").optional(),
  subscribers: list(subscriber, "subscribers").optional().describe("Sockets whose clients get each change as a json line."),
  permissions: rights
    .optional()
    .describe("Who may set or emit it, and see its payload: permissions, or numbers of unix groups; default: root, and who runs Rind."),
  enabled,
};
