import type * as z from "zod";
import { table } from "./build.ts";
import { enabled, filledText, itemName, json } from "./values.ts";

export const variable = table({
  name: itemName.describe("Its name within the file: GROUP.toml and ITEM make GROUP@ITEM."),
  default: json.optional().describe("Its value where neither an override nor the environment gives one."),
  env: filledText.optional().describe("Environment variable of the daemon that goes before the default."),
  enabled,
});

export type RawVariable = z.output<typeof variable>;
