import * as z from "zod";
import { list, oneOfKeys, table, word } from "./build.ts";
import { filledText, port, text, wait, waitMs, duration, milliseconds } from "./values.ts";

const STATUS = "an http status from 100 to 599";
const COUNT = "a whole number from 1";

const httpGet = table({
  port: port.describe("Port to ask."),
  path: z
    .string({ error: "a path" })
    .regex(/^\/[^\0]*$/, { error: 'a path that begins with "/"' })
    .prefault("/")
    .describe("Path to ask for."),
  host: filledText.prefault("127.0.0.1").describe("Host to ask."),
  scheme: word(["http", "https"]).prefault("http").describe("How to ask."),
  headers: z.record(filledText, text, { error: "a table of texts" }).optional().describe("Headers to send."),
  status: z
    .int({ error: STATUS })
    .min(100, { error: STATUS })
    .max(599, { error: STATUS })
    .optional()
    .describe("The only answer that counts as success; default: 200 to 299."),
});

const count = z.int({ error: COUNT }).min(1, { error: COUNT });

const kinds = {
  exec: z
    .union([filledText, list(text, "texts").min(1, { error: "a list with at least the program" })], {
      error: "shell code or a list of words",
    })
    .optional()
    .describe("Command that succeeds: shell code, or a list of words for a program without a shell."),
  http: table({ get: httpGet.describe("A GET that is answered well.") })
    .optional()
    .describe("A request that is answered well."),
  tcp: z
    .string({ error: "HOST:PORT" })
    .regex(/^(\[[0-9A-Fa-f:.]+\]|[^\s:[\]]+):\d{1,5}$/, { error: 'HOST:PORT such as "localhost:5432"' })
    .optional()
    .describe("HOST:PORT that takes connections."),
  unix: filledText.optional().describe("Path of a socket that takes connections."),
  notify: z
    .literal(true, { error: "true" })
    .optional()
    .describe("true: the process says it itself, READY=1 to the socket in NOTIFY_SOCKET."),
  log: filledText.optional().describe("Regular expression that a line of output matches."),
};

const timing = {
  "initial-delay": duration.prefault(0).describe("Wait before the first probe."),
  "initial-delay-ms": milliseconds.optional().describe("initial-delay in milliseconds."),
  period: wait.optional().describe('Time from one probe to the next; default "10s", and of ready "1s" until the first success.'),
  "period-ms": waitMs.optional().describe("period in milliseconds."),
  timeout: wait.optional().describe('How long one probe may take; default "1s", of health "5s".'),
  "timeout-ms": waitMs.optional().describe("timeout in milliseconds."),
  "probe-timeout": wait.optional().describe("Another word for timeout."),
  "probe-timeout-ms": waitMs.optional().describe("probe-timeout in milliseconds."),
  "success-threshold": count.prefault(1).describe("Successes in a row until it is true."),
  "failure-threshold": count.prefault(3).describe("Failures in a row until it is false."),
};

const KINDS = Object.keys(kinds);
const TIMEOUTS = ["timeout", "timeout-ms", "probe-timeout", "probe-timeout-ms"];

/** `ready`: what tells that a service is ready, and when that is looked at. */
export const ready = oneOfKeys(oneOfKeys(table({ ...kinds, ...timing }), KINDS, 1), TIMEOUTS, 0);

/** `health`: as `ready`, and what follows from being unhealthy. */
export const health = oneOfKeys(
  oneOfKeys(
    table({
      ...kinds,
      ...timing,
      "on-unhealthy": word(["ignore", "restart", "stop"]).prefault("ignore").describe("What is done with it when it is unhealthy."),
    }),
    KINDS,
    1,
  ),
  TIMEOUTS,
  0,
);

/** `watchdog`: a sign of life that the process has to give. */
export const watchdog = oneOfKeys(
  table({
    interval: wait.optional().describe("The longest time between two signs of life (WATCHDOG=1 to the socket in NOTIFY_SOCKET)."),
    "interval-ms": waitMs.optional().describe("interval in milliseconds."),
    usec: z
      .number({ error: "a number of microseconds" })
      .min(1_000, { error: "a number of microseconds from 1000" })
      .optional()
      .describe("interval in microseconds."),
    "require-ready": z.boolean({ error: "true or false" }).prefault(true).describe("true: counts only from READY=1 on."),
    action: word(["restart", "stop", "abort"])
      .prefault("restart")
      .describe('What is done when it misses one; "abort": SIGABRT, then a restart.'),
  }),
  ["interval", "interval-ms", "usec"],
  1,
);

export type RawProbe = z.output<typeof ready>;
export type RawHealth = z.output<typeof health>;
export type RawWatchdog = z.output<typeof watchdog>;
