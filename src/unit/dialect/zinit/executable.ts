import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import type { RunDecl, Settings } from "../../../model/unit-set.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Whether there is a program to run, which zinit asks of a service before it takes it. Here that is a warning: a boot must not be refused
 * because of what is installed later, and at its start the service is told exactly what is wrong.
 */
export function isExecutable({ program, cwd = "/", env }: RunDecl, settings: Settings, ground: NodeJS.ProcessEnv): boolean {
  if (program.includes("/")) return isProgram(resolve(cwd, program));
  const path = env["PATH"] ?? settings.env["PATH"] ?? settings.path ?? ground["PATH"] ?? DEFAULT_PATH;
  return path.split(":").some((folder) => isProgram(resolve(cwd, folder, program)));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
