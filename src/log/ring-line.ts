/** Where a line comes from; one object for all lines of a stream. */
export interface LineSource {
  readonly instance: string;
  readonly stream: "stdout" | "stderr";
}

export interface RingLine extends LineSource {
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Without its newline. */
  readonly bytes: Buffer;
}
