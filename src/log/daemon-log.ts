import { pino } from "pino";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, unknown>>;

/** The daemon's own log (not that of services): a constant message, and fields for what varies. An error goes into the field `err`. */
export interface DaemonLog {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** Each line bears these fields too. */
  child(fields: LogFields): DaemonLog;
}

export interface DaemonLogOptions {
  /** For people, with colours unless NO_COLOR is set; otherwise one json per line. */
  readonly pretty: boolean;
  readonly level: LogLevel;
  readonly to: LogDestination;
}

export interface LogDestination {
  write(line: string): void;
}

/** Each line is given to its destination before the call returns: what a daemon says last is what one wants to read. */
export async function createDaemonLog({ pretty, level, to }: DaemonLogOptions): Promise<DaemonLog> {
  // Loaded only here: whoever logs json does not pay for it.
  const stream = pretty ? (await import("./pretty-stream.ts")).prettyStream(to) : to;
  const formatters = { level: (label: string) => ({ level: label }) };
  const log: DaemonLog = pino({ level, base: null, formatters, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  return log;
}
