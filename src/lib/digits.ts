import { readFileSync } from "node:fs";

/** Loading node:crypto for these would cost every `rind` some milliseconds. */

const BASIS = 0x811c9dc5;

/** Eight hex digits of a text: FNV-1a, 32 bits. Of another `basis` others, which say nothing about these. Tells names apart; no guard against an enemy. */
export function hash8(text: string, basis = BASIS): string {
  let hash = basis;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** Twelve hex digits that nobody had before. */
export function random12(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/uuid", "latin1").replace(/-/g, "").slice(0, 12);
  } catch {
    // a machine without /proc
    return Array.from({ length: 12 }, () => Math.trunc(Math.random() * 16).toString(16)).join("");
  }
}
