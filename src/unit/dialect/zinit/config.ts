import type { Json, JsonObject } from "../../../model/json.ts";
import type { ZinitConfig } from "./schema.ts";

/** A service file of zinit's with every default of zinit's filled in, as zinit writes it: what has no value is null. */
export function zinitConfig({ service, dependencies, lifecycle, health, logging }: ZinitConfig): JsonObject {
  return {
    service: { ...service, dir: service.dir ?? null },
    dependencies: { ...dependencies },
    lifecycle: { ...lifecycle, restart: lifecycle.restart.replace("-", "_") },
    health: health === undefined ? null : healthConfig(health),
    logging: { ...logging, file: logging.file ?? null, forward: logging.forward ?? null },
  };
}

function healthConfig({ expect_status, ...rest }: NonNullable<ZinitConfig["health"]>): Json {
  return rest.type === "http" ? { ...rest, expect_status } : { ...rest };
}
