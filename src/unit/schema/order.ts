import * as z from "zod";
import { SERVICE_IS } from "../../model/condition.ts";
import { list, table, word } from "./build.ts";
import { orderReference, reference } from "./values.ts";

const item = z
  .union(
    [
      orderReference,
      table({
        service: reference.describe("The other service."),
        is: word(SERVICE_IS)
          .optional()
          .describe('What is waited for; default "ready" (of a oneshot: succeeded).')
          .meta({ default: "ready" }),
        "on-loss": word(["stop", "restart", "ignore"])
          .optional()
          .describe(
            'In requires, what follows when it is lost; default "stop"; "restart": also after each restart of it; "ignore": nothing.',
          )
          .meta({ default: "stop" }),
      }),
    ],
    { error: 'the name of a service, or a table such as { service = "x", is = "ready" }' },
  )
  .meta({ id: "order" });

/** `after`, `before`, `requires`, `wants` and `conflicts` of a service. */
export const order = list(item, "services");

export type RawOrderItem = z.output<typeof item>;
