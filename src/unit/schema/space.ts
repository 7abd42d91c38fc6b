import * as z from "zod";
import { oneOfKeys, table, word } from "./build.ts";
import { account } from "./process.ts";
import { filledText, reference } from "./values.ts";

/** `space` of a service. `user_selective` takes its user from the key beside it. */
export const space = z.union([word(["system", "user", "user-selective"]), table({ user: account("user").describe("Always this user.") })], {
  error: '"system", "user", or a table such as { user = "alice" }',
});

export const userSource = oneOfKeys(
  table({
    state: reference.optional().describe("State with a branch that names the user."),
    branch: z.literal(true, { error: "true" }).optional().describe("The instance's own branch names the user."),
    "username-field": filledText.prefault("username").describe("Field of the payload that holds the name."),
    "match-branch-key": z
      .boolean({ error: "true or false" })
      .optional()
      .describe("true: the branch of state whose identity is the instance's key.")
      .meta({ default: false }),
  }),
  ["state", "branch"],
  1,
);
