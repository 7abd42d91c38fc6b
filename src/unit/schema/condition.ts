import * as z from "zod";
import { SERVICE_IS, type ServiceIs } from "../../model/condition.ts";
import { list, SENTENCE, table, word } from "./build.ts";
import { isFilled } from "./meanings.ts";
import { instanceReference, json, reference, text } from "./values.ts";

const target = z.union(
  [
    text,
    table({
      contains: text.optional().describe("Text that the payload has in it."),
      as: json.optional().describe("What the payload contains: objects recursively, each list element somewhere, scalars equal."),
      binary: z.literal(true, { error: "true" }).optional().describe("Only bytes match."),
    })
      .refine(isFilled, {
        error: 'a target is not empty: give "contains", "as" or "binary"',
        params: SENTENCE,
      })
      .meta({ minProperties: 1 }),
  ],
  { error: 'text or a table such as { contains = "x" }, { as = {...} } or { binary = true }' },
);

const restriction = {
  target: target.optional().describe("Restricts the payload: text (equal), or contains, as, binary; several must all hold."),
  branch: target.optional().describe("A synonym of target; where both are given both must match."),
};

/** What `target` and `branch` may hold. */
export type RawTarget = z.output<typeof target>;

/** A condition as it is written (SPEC 5). The schema is recursive, so its type is written out. */
export type RawCondition =
  | string
  | { readonly state: string; readonly target?: RawTarget | undefined; readonly branch?: RawTarget | undefined }
  | { readonly signal: string; readonly target?: RawTarget | undefined; readonly branch?: RawTarget | undefined }
  | { readonly service: string; readonly is?: ServiceIs | undefined }
  | { readonly any: readonly RawCondition[] }
  | { readonly all: readonly RawCondition[] }
  | { readonly not: RawCondition };

const PHRASE = 'a condition: the name of a state or signal, or a table with "state", "signal", "service", "any", "all" or "not"';
const nested: z.ZodType<RawCondition> = z.lazy(() => condition);

/** One entry of `start-on`, `stop-on`, `after` of states and signals, and their kin. */
const condition = z
  .union(
    [
      reference,
      table({ state: reference.describe("A state that is active."), ...restriction }),
      table({ signal: reference.describe("The signal that is being emitted."), ...restriction }),
      table({
        service: instanceReference.describe("A service; GROUP@ITEM/KEY names one instance."),
        is: word(SERVICE_IS).optional().describe('What it must be; default "ready".').meta({ default: "ready" }),
      }),
      table({
        any: list(nested, "conditions").min(1, { error: "a list with at least one condition" }).describe("At least one of these holds."),
      }),
      table({ all: list(nested, "conditions").min(1, { error: "a list with at least one condition" }).describe("All of these hold.") }),
      table({ not: nested.describe("This does not hold.") }),
    ],
    { error: PHRASE },
  )
  .meta({ id: "condition" });

export const conditions = list(condition, "conditions");
