import * as z from "zod";
import { table, word } from "./build.ts";
import { duration, milliseconds, wait, waitMs } from "./values.ts";

const JITTER = "a number from 0 to 1";
const RETRIES = 'a whole number from 0, or "unlimited"';

const policy = table({
  on: word(["always", "on-failure", "never"])
    .optional()
    .describe('After which ends it is restarted; default "on-failure".')
    .meta({ default: "on-failure" }),
  "max-retries": z
    .union([z.int().min(0, { error: RETRIES }), word(["unlimited"])], { error: RETRIES })
    .optional()
    .describe('Retries without a stable run between them; 0 or "unlimited": no limit; default 10.')
    .meta({ default: 10 }),
  delay: duration.optional().describe('Wait before the first retry; default "1s".').meta({ default: "1s" }),
  "delay-ms": milliseconds.optional().describe("delay in milliseconds."),
  backoff: z
    .number({ error: "a number from 1" })
    .min(1, { error: "a number from 1" })
    .optional()
    .describe("The wait grows by this factor; default 2.")
    .meta({ default: 2 }),
  "max-delay": duration.optional().describe('The longest wait; default "5m".').meta({ default: "5m" }),
  "max-delay-ms": milliseconds.optional().describe("max-delay in milliseconds."),
  "stable-after": duration.optional().describe('A run of this length resets delay and counter; default "30s".').meta({ default: "30s" }),
  "stable-after-ms": milliseconds.optional().describe("stable-after in milliseconds."),
  jitter: z
    .number({ error: JITTER })
    .min(0, { error: JITTER })
    .max(1, { error: JITTER })
    .optional()
    .describe("Each wait is longer by a random part of itself up to this; default 0.")
    .meta({ default: 0 }),
  window: wait.optional().describe("Only the retries within it count for max-retries; default: all since the last stable run."),
  "window-ms": waitMs.optional().describe("window in milliseconds."),
});

/** `restart`: true (always, no limit), false, a word, or a table. */
export const restart = z.union([z.boolean(), word(["always", "on-failure", "never", "no"]), policy], {
  error: 'true, false, "always", "on-failure", "never" or a table such as { max-retries = 5 }',
});

export type RawRestart = z.output<typeof restart>;
