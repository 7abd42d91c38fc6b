import * as z from "zod";
import { list, table, word } from "./build.ts";
import { text } from "./values.ts";

const one = table({
  id: word(["env", "args"], ["stdio", "uds"]).describe("How the values travel."),
  options: list(text, "texts")
    .optional()
    .describe('env: "KEY=reference"; args: one more argument each. References: state:NAME/path, state:$/path, signal:$/path, var:NAME.'),
  required: z.boolean({ error: "true or false" }).prefault(false).describe("true: the service waits until every reference resolves."),
});

export const transport = z.union([one, list(one, "transports")], {
  error: 'a table such as { id = "env", options = ["KEY=state:NAME"] }, or a list of these',
});

export type RawTransport = z.output<typeof one>;
