/** What may stand in a service file of zinit's, with zinit's defaults. Keys are written as zinit has them. What it does not know it ignores. */
import * as z from "zod";
import { list, word } from "../../schema/build.ts";
import { environment, filledText, itemName, killSignal, reference } from "../../schema/values.ts";

export const ZINIT_SECTIONS = ["service", "dependencies", "lifecycle", "health", "logging"] as const;
export type ZinitSection = (typeof ZINIT_SECTIONS)[number];

type Schema = ReturnType<typeof buildSchema>;
export type ZinitConfig = z.output<Schema>;
export type ZinitHealth = NonNullable<ZinitConfig["health"]>;

let built: Schema | undefined;

/** Made at its first use: it costs milliseconds, and most projects have no file of zinit's. */
export function zinitSchema(): Schema {
  built ??= buildSchema();
  return built;
}

/** The keys of a section that zinit knows. */
export function zinitKeys(section: ZinitSection): readonly string[] {
  return Object.keys(zinitSchema().shape[section].unwrap().shape);
}

function buildSchema() {
  const flag = z.boolean({ error: "true or false" });
  const names = list(reference, "names of services").prefault([]);
  return table({
    service: table({
      name: itemName,
      exec: filledText,
      dir: filledText.optional(),
      oneshot: flag.prefault(false),
      env: environment.prefault({}),
      status: word(["start", "stop", "ignore"]).prefault("start"),
      class: word(["user", "system"]).prefault("user"),
      critical: flag.prefault(false),
    }).nonoptional(),
    dependencies: table({ after: names, requires: names, wants: names, conflicts: names }).prefault({}),
    lifecycle: table({
      restart: word(["always", "on-failure", "never"]).prefault("on-failure"),
      restart_delay_ms: milliseconds(0).prefault(1_000),
      restart_delay_max_ms: milliseconds(0).prefault(300_000),
      max_restarts: whole(0).prefault(10),
      stability_period_ms: milliseconds(0).prefault(30_000),
      start_timeout_ms: milliseconds(0).prefault(30_000),
      stop_timeout_ms: milliseconds(0).prefault(10_000),
      stop_signal: killSignal.prefault("SIGTERM"),
    }).prefault({}),
    health: table({
      type: z.enum(["http", "tcp", "exec"], { error: '"http", "tcp" or "exec"' }),
      target: filledText,
      expect_status: status().prefault(200),
      interval_ms: milliseconds(1).prefault(10_000),
      timeout_ms: milliseconds(1).prefault(5_000),
      retries: whole(1).prefault(3),
      start_period_ms: milliseconds(0).prefault(0),
    }).optional(),
    logging: table({
      buffer_lines: whole(1).prefault(1_000),
      file: filledText.optional(),
      forward: filledText.optional(),
    }).prefault({}),
  });
}

/** A table of which unknown keys are passed over. */
function table<S extends z.ZodRawShape>(shape: S) {
  return z.object(shape, { error: "a table" });
}

function whole(least: number) {
  const error = `a whole number from ${least}`;
  return z.int({ error }).min(least, { error });
}

function milliseconds(least: number) {
  const error = `a whole number of milliseconds${least === 0 ? "" : ` from ${least}`}`;
  // Node's timers hold a signed 32-bit number.
  return z
    .int({ error })
    .min(least, { error })
    .max(2 ** 31 - 1, { error: "24 days at most" });
}

function status() {
  const error = "an http status from 100 to 599";
  return z.int({ error }).min(100, { error }).max(599, { error });
}
