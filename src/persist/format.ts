import { crc32 } from "node:zlib";
import type { Json } from "../model/json.ts";
import type { StoreWrite } from "./store.ts";

/**
 * The text of a journal file.
 *
 * A first line names the format. After it come groups, each a line `LENGTH CRC` of two times eight hex digits and then LENGTH bytes of lines, one per
 * write: `["key",value]`, or `["key"]` where the entry is gone. The checksum covers the length too. A group is what one write made durable: it is there
 * whole or not at all, so no transaction is ever halved. Zeros after the last group are room for the next.
 */
export const HEADER = Buffer.from("rind-journal 1\n");

const GROUP_HEAD = /^([0-9a-f]{8}) ([0-9a-f]{8})\n$/;
const GROUP_HEAD_BYTES = 18;
const NEWLINE = 0x0a;

/** One write as a line, newline included. */
export function writeLine({ key, value }: StoreWrite): string {
  return `${JSON.stringify(value === undefined ? [key] : [key, value])}\n`;
}

export function encodeGroup(lines: string): Buffer {
  const size = Buffer.byteLength(lines);
  const group = Buffer.allocUnsafe(GROUP_HEAD_BYTES + size);
  group.write(lines, GROUP_HEAD_BYTES);
  const length = hex(size);
  group.write(`${length} ${hex(crc32(group.subarray(GROUP_HEAD_BYTES), crc32(length)))}\n`, 0, "latin1");
  return group;
}

/** A write, and how much of the file it takes. */
export interface StoredWrite extends StoreWrite {
  readonly size: number;
}

export interface Decoded {
  /** In order, of all whole groups before the first damage. */
  readonly writes: readonly StoredWrite[];
  /** Where the last whole group ends. */
  readonly end: number;
  /** `tail`: nothing whole comes after the damage; `middle`: a whole group does, or the first line is not that of a journal. */
  readonly damage: "none" | "tail" | "middle";
}

/** Never throws, whatever the bytes. */
export function decode(file: Buffer): Decoded {
  if (!file.subarray(0, HEADER.length).equals(HEADER)) {
    // A file that was being created when the power failed.
    const zero = file.indexOf(0);
    const begun = zero < 0 ? file : file.subarray(0, zero);
    const torn = HEADER.subarray(0, begun.length).equals(begun) && isRoom(file, begun.length);
    return { writes: [], end: 0, damage: torn ? (file.length === 0 ? "none" : "tail") : "middle" };
  }
  const writes: StoredWrite[] = [];
  let at = HEADER.length;
  while (at < file.length) {
    const body = groupAt(file, at);
    const read = body === undefined ? undefined : readLines(body);
    if (body === undefined && isRoom(file, at)) break;
    if (body === undefined || read === undefined) return { writes, end: at, damage: hasGroupAfter(file, at) ? "middle" : "tail" };
    for (const write of read) writes.push(write);
    at += GROUP_HEAD_BYTES + body.length;
  }
  return { writes, end: at, damage: "none" };
}

/** The lines of the whole group that begins here. */
function groupAt(file: Buffer, at: number): Buffer | undefined {
  const [, length, sum] = GROUP_HEAD.exec(file.toString("latin1", at, at + GROUP_HEAD_BYTES)) ?? [];
  if (length === undefined || sum === undefined) return undefined;
  const start = at + GROUP_HEAD_BYTES;
  const body = file.subarray(start, start + Number.parseInt(length, 16));
  return hex(body.length) === length && hex(crc32(body, crc32(length))) === sum ? body : undefined;
}

/** undefined: these are no writes, though the checksum fits. */
function readLines(body: Buffer): StoredWrite[] | undefined {
  const lines = body.toString().split("\n");
  lines.pop();
  const writes = lines.map(readLine);
  return writes.every((write) => write !== undefined) ? writes : undefined;
}

function readLine(line: string): StoredWrite | undefined {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!Array.isArray(read) || typeof read[0] !== "string") return undefined;
  // JSON.parse gives nothing else.
  return { key: read[0], value: read[1] as Json | undefined, size: line.length };
}

/** Whether nothing but zeros comes from here on. */
function isRoom(file: Buffer, at: number): boolean {
  for (let i = at; i < file.length; i++) if (file[i] !== 0) return false;
  return true;
}

/** The first line of a group ends with a newline: only before one it is worth a look. */
function hasGroupAfter(file: Buffer, at: number): boolean {
  const lastByte = GROUP_HEAD_BYTES - 1;
  for (let newline = file.indexOf(NEWLINE, at + lastByte); newline !== -1; newline = file.indexOf(NEWLINE, newline + 1)) {
    if (groupAt(file, newline - lastByte) !== undefined) return true;
  }
  return false;
}

function hex(number: number): string {
  return number.toString(16).padStart(8, "0");
}
