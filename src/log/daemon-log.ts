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
  /** Where it is written, standard error unless given. */
  readonly fd?: number;
}

/** Each line is written before the call returns: what a daemon says last is what one wants to read. */
export async function createDaemonLog({ pretty, level, fd = 2 }: DaemonLogOptions): Promise<DaemonLog> {
  // maxLength: a standard error that takes nothing more must not fill the memory.
  const destination = pino.destination({ fd, sync: true, maxLength: 1_024 * 1_024 });
  // A terminal that has gone, a full disk: there is nobody left to tell, and no reason to die.
  destination.on("error", () => {});
  // Loaded only here: whoever logs json does not pay for it.
  const stream = pretty ? (await import("./pretty-stream.ts")).prettyStream(destination) : destination;
  const formatters = { level: (label: string) => ({ level: label }) };
  const log: DaemonLog = pino({ level, base: null, formatters, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  return log;
}
