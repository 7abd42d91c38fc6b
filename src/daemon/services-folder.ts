import { dirname, join, resolve } from "node:path";
import type { Json } from "../model/json.ts";
import { ServiceRefusedError } from "../supervisor/service-refused.ts";
import type { GivenService, Loaded, ServiceFile, ServicesFolder } from "../supervisor/set-services.ts";
import { readGivenService } from "../unit/given-service.ts";

/** Where the services that clients set are stored: `RIND_SERVICES_PATH`, else `services` beside the state. Absolute. */
export function servicesPath(statePath: string, env: NodeJS.ProcessEnv, cwd: string): string {
  return resolve(cwd, env["RIND_SERVICES_PATH"] ?? join(dirname(statePath), "services"));
}

/** The services folder as the supervisor sees it; `load` reads the units with these files in it. */
export function servicesFolder(path: string, load: (files: readonly ServiceFile[]) => Promise<Loaded>): ServicesFolder {
  return {
    path,
    unitsWith: load,
    read: givenService,
    show: async (decl) => JSON.parse(JSON.stringify(decl)) as Json,
  };
}

function givenService(service: Json): GivenService {
  const given = readGivenService(service);
  if (!given.ok) throw new ServiceRefusedError(given.check, given.message, { hint: given.hint });
  return given;
}
