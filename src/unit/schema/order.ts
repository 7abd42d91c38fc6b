import * as z from "zod";
import { SERVICE_IS } from "../../model/condition.ts";
import { list, notYet, table, word } from "./build.ts";
import { reference } from "./values.ts";

const item = z.union(
  [
    reference,
    table({
      service: reference.describe("The service that is waited for."),
      is: word(SERVICE_IS).optional().describe('What it must be; default "ready" (of a oneshot: succeeded).').meta({ default: "ready" }),
      "on-loss": notYet("What follows when it is lost."),
    }),
  ],
  { error: 'the name of a service, or a table such as { service = "x", is = "ready" }' },
);

/** `after` of a service. */
export const order = list(item, "services");

export type RawOrderItem = z.output<typeof item>;
