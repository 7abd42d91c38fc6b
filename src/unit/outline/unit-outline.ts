import * as meanings from "../schema/meanings.ts";
import { run } from "../schema/run.ts";
import { settings } from "../schema/settings.ts";
import { SECTION_SCHEMAS } from "../schema/unit-file.ts";
import { outlineText } from "./make-outline.ts";

/** The outline of the schemas of units as the text that is kept in `outline.json`. */
export function unitOutlineText(): string {
  return outlineText({ ...SECTION_SCHEMAS, settings, run }, meanings);
}
