import { outlineText } from "../unit/outline/make-outline.ts";
import * as meanings from "./param-meanings.ts";
import { PARAMS } from "./params.ts";

/** The outline of the schemas of params as the text that is kept in `params-outline.json`. */
export function paramsOutlineText(): string {
  return outlineText(PARAMS, meanings);
}
