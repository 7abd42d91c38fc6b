/** What may stand in a service file of zinit's, with zinit's defaults. Keys are written as zinit has them. What it does not know it ignores. */
import * as z from "zod";
import { list, word } from "../../schema/build.ts";
import { environment, filledText, itemName, killSignal, reference } from "../../schema/values.ts";

/** A table of which unknown keys are passed over. */
function section<S extends z.ZodRawShape>(shape: S) {
  return z.object(shape, { error: "a table" });
}

const flag = z.boolean({ error: "true or false" });
const COUNT = "a whole number from 0";
const FROM_1 = "a whole number from 1";
const count = z.int({ error: COUNT }).min(0, { error: COUNT });
const from1 = z.int({ error: FROM_1 }).min(1, { error: FROM_1 });
const MS = "a whole number of milliseconds";
/** Node's timers hold a signed 32-bit number. */
const ms = z
  .int({ error: MS })
  .min(0, { error: MS })
  .max(2 ** 31 - 1, { error: "24 days at most" });
const names = list(reference, "names of services").prefault([]);

const service = section({
  name: itemName,
  exec: filledText,
  dir: filledText.optional(),
  oneshot: flag.prefault(false),
  env: environment.prefault({}),
  status: word(["start", "stop", "ignore"]).prefault("start"),
  class: word(["user", "system"]).prefault("user"),
  critical: flag.prefault(false),
});

const dependencies = section({ after: names, requires: names, wants: names, conflicts: names });

const lifecycle = section({
  restart: word(["always", "on-failure", "never"]).prefault("on-failure"),
  restart_delay_ms: ms.prefault(1_000),
  restart_delay_max_ms: ms.prefault(300_000),
  max_restarts: count.prefault(10),
  stability_period_ms: ms.prefault(30_000),
  start_timeout_ms: ms.prefault(30_000),
  stop_timeout_ms: ms.prefault(10_000),
  stop_signal: killSignal.prefault("SIGTERM"),
});

const checkTiming = {
  interval_ms: ms.min(1, { error: `${MS} from 1` }).prefault(10_000),
  timeout_ms: ms.min(1, { error: `${MS} from 1` }).prefault(5_000),
  retries: from1.prefault(3),
  start_period_ms: ms.prefault(0),
};

const health = section({
  type: z.enum(["http", "tcp", "exec"], { error: '"http", "tcp" or "exec"' }),
  target: filledText,
  expect_status: z
    .int({ error: "an http status" })
    .min(100, { error: "an http status" })
    .max(599, { error: "an http status" })
    .prefault(200),
  ...checkTiming,
});

const logging = section({ buffer_lines: from1.prefault(1_000), file: filledText.optional(), forward: filledText.optional() });

export const zinitFile = section({
  service,
  dependencies: dependencies.prefault({}),
  lifecycle: lifecycle.prefault({}),
  health: health.optional(),
  logging: logging.prefault({}),
});

export type ZinitConfig = z.output<typeof zinitFile>;
export type ZinitHealth = z.output<typeof health>;

/** The keys that zinit knows, by section. */
export const ZINIT_KEYS = {
  service: Object.keys(service.shape),
  dependencies: Object.keys(dependencies.shape),
  lifecycle: Object.keys(lifecycle.shape),
  health: Object.keys(health.shape),
  logging: Object.keys(logging.shape),
} as const;
export type ZinitSection = keyof typeof ZINIT_KEYS;
export const ZINIT_SECTIONS: readonly ZinitSection[] = ["service", "dependencies", "lifecycle", "health", "logging"];
