import * as z from "zod";
import { DURATION_PATTERN } from "../../lib/duration.ts";
import { SIZE_PATTERN } from "../../lib/size.ts";
import type { Json } from "../../model/json.ts";
import { NAME_MAX_LENGTH } from "../../model/name.ts";
import { SENTENCE } from "./build.ts";
import {
  asText,
  bytes,
  isAboveZero,
  isJson,
  isJsonTable,
  isWaitable,
  isWhole,
  MAX_WAIT_MS,
  milliseconds as millisecondsOf,
} from "./meanings.ts";
import { SIGNAL_NAMES } from "./signal-names.ts";

const NAME = `[A-Za-z0-9_][A-Za-z0-9_.-]{0,${NAME_MAX_LENGTH - 1}}`;

/** Text, without a NUL byte: no environment, argument or path can carry one. */
export const text = z.string({ error: "text" }).regex(/^[^\0]*$/, { error: "text without a NUL byte" });

export const filledText = z.string({ error: "text" }).regex(/^[^\0]+$/, { error: "text that is not empty" });

export const itemName = z.string({ error: "text" }).regex(new RegExp(`^${NAME}$`), {
  error: `a name: at most ${NAME_MAX_LENGTH} letters, digits, "_", "." and "-", not beginning with "." or "-"`,
});

/** Of every item. */
export const enabled = z.boolean({ error: "true or false" }).prefault(true).describe("false: checked, then left out.");

/** `GROUP@ITEM`, or `ITEM` alone. */
export const reference = z
  .string({ error: "a name" })
  .regex(new RegExp(`^${NAME}(@${NAME})?$`), { error: 'a name such as "web" or "servers@web"' });

/**
 * As `reference`, with what is waited for behind it: `web@started`, `servers@web@started`. What it means is told by the names there are;
 * so is that `@started` alone means nothing, in one go with all other names.
 */
export const orderReference = z.string({ error: "the name of a service" }).regex(new RegExp(`^(${NAME}(@${NAME}){0,2}|@${NAME})$`), {
  error: 'the name of a service such as "web", "servers@web" or "web@started"',
});

/** A service, or one instance of a branching one: `GROUP@ITEM/KEY`. */
export const instanceReference = z
  .string({ error: "the name of a service" })
  .regex(new RegExp(`^${NAME}(@${NAME})?(/[^\\0]+)?$`), { error: 'the name of a service such as "web" or "servers@web"' });

const WAIT = 'a duration such as "250ms", "10s", "1h30m" or a number of seconds';

/** Milliseconds of a duration as people write it; a bare number counts seconds. */
export const duration = z
  .union(
    [z.string().regex(new RegExp(`${DURATION_PATTERN.source}|^\\d+(?:\\.\\d+)?$`), { error: WAIT }), z.number().min(0, { error: WAIT })],
    { error: WAIT },
  )
  .transform(millisecondsOf)
  .refine(isWaitable, { error: "a duration may be 24 days at most", params: SENTENCE });

/** For keys that end in `-ms`. */
export const milliseconds = z.number({ error: "a number of milliseconds" }).min(0, { error: "a number of milliseconds" }).max(MAX_WAIT_MS, {
  error: "24 days at most",
});

/** A duration that is not 0: what is repeated at once, or fails at once, is a mistake. */
export const wait = duration.refine(isAboveZero, { error: "a duration above 0" });

/** As `wait`, for keys that end in `-ms`. */
export const waitMs = milliseconds.min(1, { error: "a number of milliseconds from 1" });

const SIZE = 'a size such as "16MiB", "10MB" or a number of bytes';

/** Bytes of a size as people write it. */
export const size = z
  .union([z.string().regex(new RegExp(`${SIZE_PATTERN.source}|^\\d+$`), { error: SIZE }), z.number().min(0, { error: SIZE })], {
    error: SIZE,
  })
  .transform(bytes)
  .refine(isWhole, { error: "a whole number of bytes" });

const PORT = "a port from 1 to 65535";

export const port = z.int({ error: PORT }).min(1, { error: PORT }).max(65_535, { error: PORT });

/** Any value that json can carry too: `nan` and `inf` are none. */
export const json = z.custom<Json>(isJson, { error: "text, a number, true, false, a list or a table (not nan, not inf)" });

export const jsonTable = z.custom<Readonly<Record<string, Json>>>(isJsonTable, { error: "a table" }).meta({ type: "object" });

/** Environment variables; numbers and booleans become their text. */
export const environment = z.record(
  z.string().regex(/^[^=\0]+$/, { error: 'the name of an environment variable is not empty and has no "=" in it' }),
  z.union([text, z.number(), z.boolean()], { error: "text, a number, true or false" }).transform(asText),
  { error: "a table of environment variables" },
);

const SIGNAL = 'a signal such as "SIGTERM", "TERM" or 15';

/** A signal by name, with or without `SIG`, or by number; the number is looked up by the loader. */
export const killSignal = z.union(
  [z.enum(SIGNAL_NAMES.flatMap((name) => [name, name.slice(3)])), z.int().min(1, { error: SIGNAL }).max(31, { error: SIGNAL })],
  { error: SIGNAL },
);
