import type { LogLine } from "../../control/api.ts";
import { parseDuration } from "../../lib/duration.ts";
import { BadWordError, type Commands } from "../command-words.ts";
import type { Context } from "../context.ts";
import { followUntilInterrupt } from "../follow.ts";

interface Options {
  readonly follow?: true;
  readonly lines?: number;
  readonly since?: number;
  readonly json?: true;
}

export function addLogs(program: Commands, context: Context): void {
  program
    .command("logs")
    .description("show what services have printed")
    .argument("[names...]", "services, or instances: GROUP@ITEM/KEY; none: all")
    .option("-f, --follow", "go on with each new line")
    .option("-n, --lines <count>", "only the newest lines", readCount)
    .option("--since <time>", "only lines after this: 10m (ago), or 2030-01-31T12:00:00", (text) => readTime(text, context.terminal.now()))
    .option("--json", "print one json text per line")
    .action((names: string[], options: Options) => showLogs(context, names, options));
}

async function showLogs(context: Context, names: readonly string[], options: Options): Promise<void> {
  const query = { names, lines: options.lines, since: options.since };
  const only = names.length === 1 ? names[0] : undefined;
  const print = (lines: readonly LogLine[]) =>
    context.terminal.out(Buffer.concat(lines.map((line) => lineBytes(line, only, context, options))));
  if (options.follow) {
    await followUntilInterrupt(context, { method: "log.subscribe", params: query, what: "lines" }, ({ lines }) => print(lines));
  } else {
    await print(await context.withDaemon((client) => client.call("log.read", query)));
  }
}

/** Whole bytes also of lines that are no UTF-8. The name stands before a line unless the line can only be of the one that was asked for. */
function lineBytes(line: LogLine, only: string | undefined, { style }: Context, options: Options): Buffer {
  if (options.json) return Buffer.from(`${JSON.stringify(line)}\n`);
  const prefix = line.service === only ? "" : `${style.cyan(line.service)} ${style.dim("|")} `;
  const text = line.base64 === undefined ? Buffer.from(line.line) : Buffer.from(line.base64, "base64");
  return Buffer.concat([Buffer.from(prefix), text, Buffer.from("\n")]);
}

/** A whole number from 0 on. */
export function readCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new BadWordError("write a whole number.");
  return Number(text);
}

/** Milliseconds since 1970. */
function readTime(text: string, nowMs: number): number {
  const ago = parseDuration(text);
  if (ago !== undefined) return nowMs - ago;
  const time = Date.parse(text);
  // Date.parse takes almost any text with a number in it.
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(time)) throw new BadWordError("write 10m (ago), or 2030-01-31T12:00:00.");
  return time;
}
