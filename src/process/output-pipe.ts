import { closeSync, fchmodSync } from "node:fs";
import type { Readable } from "node:stream";
import { type OutputListener, type OutputReading, readOutput, readStream } from "./output-reader.ts";
import { native } from "./sys.ts";

/**
 * What a process prints into. Node gives its children sockets for pipes, and a socket cannot be opened by its name: a program that writes
 * to /dev/stdout, as servers in containers are told to, would fail. So it gets a true pipe, where the native part can make one.
 */
export interface OutputPipe {
  /** What the child is to be started with: a descriptor, or the word for one that Node makes. */
  readonly childEnd: number | "pipe";
  /** To be called once, after the spawn; `own` is what Node has made for the child, and null where that was given another. */
  reader(own: Readable | null): OutputSource;
  /** In place of `reader`, where there is no child. */
  drop(): void;
}

/** To be called once: begins to read. Nothing is told inside of the call. */
export type OutputSource = (listener: OutputListener) => OutputReading;

export function openOutputPipe(): OutputPipe {
  const sys = native();
  if (sys === undefined) return NODES_OWN;
  const { readEnd, writeEnd } = sys.openPipe();
  // To open it by its name takes a right to it, also where the process has become another user; its name leads only its own kind here.
  fchmodSync(writeEnd, 0o622);
  return {
    childEnd: writeEnd,
    reader: () => {
      closeSync(writeEnd);
      return (listener) => readOutput(readEnd, listener);
    },
    drop: () => {
      closeSync(writeEnd);
      closeSync(readEnd);
    },
  };
}

const NODES_OWN: OutputPipe = {
  childEnd: "pipe",
  reader: (own) => {
    if (own === null) throw new Error("the child was started without a pipe");
    return (listener) => readStream(own, listener);
  },
  drop: () => {},
};
