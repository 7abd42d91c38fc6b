import * as z from "zod";
import { list, table, word } from "./build.ts";
import { conditions } from "./condition.ts";
import { branchField, factShape, payloadKind } from "./fact.ts";
import { filledText, reference, text } from "./values.ts";

const activateOnNone = z.union(
  [
    reference,
    table({
      state: reference.describe("The state that blocks."),
      branch: branchField.optional().describe("Blocks only the branch with the same field."),
    }),
  ],
  { error: 'the name of a state, or a table such as { state = "x", branch = "tty" }' },
);

const autoPayload = table({
  eval: filledText.describe("Program whose output makes the payload; it has 5 seconds."),
  args: list(text, "texts").optional().describe("Its arguments."),
  insert: z
    .union([filledText, list(filledText, "keys").min(1, { error: "a list with at least one key" })], {
      error: '"root", a key or a list of keys',
    })
    .prefault("root")
    .describe('"root": the output is the json. A key: it takes the first line. A list of keys: line i goes under key i.'),
});

export const state = table({
  ...factShape,
  payload: payloadKind.prefault("json").describe("Type of the payload."),
  branch: factShape.branch.describe(
    'Fields that tell branches apart (json only); default ["id"]. Of a derived state also "target:source".',
  ),
  after: conditions.optional().describe("The state exists exactly while all of these hold."),
  "activate-on-none": list(activateOnNone, "states").optional().describe("The state is active only while none of these has a branch."),
  "stop-on": conditions.optional().describe("Masks the state, per matching branch, while one of these holds."),
  "auto-payload": autoPayload.optional().describe("Makes the payload of a state that becomes active without one."),
  persist: z
    .union([z.boolean(), word(["boot"])], { error: 'true, false or "boot"' })
    .prefault(true)
    .describe('Whether what is set by hand survives restarts; "boot": until the machine reboots. Names that begin with "_" never do.'),
});

export type RawState = z.output<typeof state>;
