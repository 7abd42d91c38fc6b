import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchService } from "./peer.ts";

/** The folder of a service as runit and s6 have it. */
export function serviceFolder(parent: string, { name, words }: Pick<BenchService, "name" | "words">): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  // No shell where none is needed, nor would anybody who counts milliseconds use one.
  const script = words.length === 2 ? `#!${words.join(" ")}\n` : `#!/bin/sh\nexec ${words.join(" ")}\n`;
  writeFileSync(join(folder, "run"), script, { mode: 0o755 });
  return folder;
}
