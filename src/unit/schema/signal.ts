import type * as z from "zod";
import { table } from "./build.ts";
import { conditions } from "./condition.ts";
import { factShape, payloadKind } from "./fact.ts";

export const signal = table({
  ...factShape,
  payload: payloadKind.prefault("any").describe("Type of the payload."),
  branch: factShape.branch.describe('Fields of the payload that it hands on: "field" or "target:source".'),
  after: conditions
    .optional()
    .describe("Emits it when the signal of the list is emitted and the rest holds, or when states newly satisfy the list."),
});

export type RawSignal = z.output<typeof signal>;
