import { notYet, table } from "./build.ts";
import { restart } from "./restart.ts";
import { duration, environment, milliseconds } from "./values.ts";

export const settings = table({
  restart: restart.optional().describe("Gives the fields that the restart policies of services leave out."),
  env: environment.optional().describe("Environment of every service, below what the service itself says."),
  "shutdown-timeout": duration.prefault("30s").describe("How long stopping everything may take; then it is killed."),
  "shutdown-timeout-ms": milliseconds.optional().describe("shutdown-timeout in milliseconds."),
  startup: notYet("Command that runs before anything starts."),
  logging: notYet("Writes the output of services to files."),
  "on-empty": notYet("What to do where no service is declared."),
  path: notYet("PATH of services."),
});
