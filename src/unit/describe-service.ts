import type { JsonObject } from "../model/json.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import { zinitConfig } from "./dialect/zinit/config.ts";
import { isZinit } from "./dialect/zinit/is-zinit.ts";
import { readZinit } from "./dialect/zinit/read.ts";
import { serviceConfig } from "./explain/config.ts";
import { parseToml } from "./parse.ts";
import { reportInto } from "./problem.ts";
import type { ReadUnits } from "./read-units.ts";

/**
 * A service with all defaults, in the shape in which it was given: zinit's where its file is zinit's, else Rind's own, with names in full and
 * times in milliseconds. Either shape can be given to `service.set` again. `read`: the texts that
 * the service was made of; where there are none, as of units that no loader has made, the shape is Rind's own.
 */
export function describeService(decl: ServiceDecl, read: ReadUnits | undefined): JsonObject {
  const file = read?.files.find(({ name }) => name === decl.origin?.file);
  const root = file === undefined ? undefined : parseToml(file, []);
  const config = root !== undefined && isZinit(root) ? readZinit(root, reportInto([], [])).config : undefined;
  return config === undefined ? { ...serviceConfig(decl), name: decl.name } : zinitConfig(config);
}
