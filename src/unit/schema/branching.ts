import * as z from "zod";
import { list, table } from "./build.ts";
import { enabled, filledText, reference, text } from "./values.ts";

const filter = list(text, "texts").optional();

export const branching = table({
  enabled: enabled.describe("false: the service does not branch."),
  "source-state": reference.describe("The state whose branches make the instances."),
  key: filledText.prefault("id").describe("Field of its payload that tells the instances apart."),
  "max-instances": z
    .int({ error: "a whole number from 1" })
    .min(1, { error: "a whole number from 1" })
    .optional()
    .describe("How many may run at once, oldest branches first; default: no limit."),
  only: filter.describe('Keys that get an instance: text, "state:NAME" or "var:NAME".'),
  except: filter.describe('Keys that get none: text, "state:NAME" or "var:NAME".'),
});

export type RawBranching = z.output<typeof branching>;
