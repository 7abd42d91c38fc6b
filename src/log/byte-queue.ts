const NEWLINE = 0x0a;
const BLOCK_BYTES = 64 * 1_024;
const SPARE_BLOCKS = 32;
/** Blocks that nobody uses at present, of all queues. */
const spare: Buffer[] = [];

interface Block {
  readonly bytes: Buffer;
  start: number;
  end: number;
}

/** Bytes in the order of their arrival. They are copied into blocks that are used again and again: a flood of output makes no garbage. */
export class ByteQueue {
  readonly #blocks: Block[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(bytes: Buffer): void {
    for (let start = 0; start < bytes.length; ) {
      const block = this.#roomy();
      const copied = bytes.copy(block.bytes, block.end, start);
      block.end += copied;
      this.#size += copied;
      start += copied;
    }
  }

  /** The first pieces up to `max` bytes in all. They stay in the queue, and as they are until they are dropped. */
  peek(max: number): Buffer[] {
    const taken: Buffer[] = [];
    let room = max;
    for (const { bytes, start, end } of this.#blocks) {
      if (room <= 0) break;
      const piece = bytes.subarray(start, Math.min(end, start + room));
      taken.push(piece);
      room -= piece.length;
    }
    return taken;
  }

  drop(bytes: number): void {
    let rest = Math.min(bytes, this.#size);
    this.#size -= rest;
    let used = 0;
    for (const block of this.#blocks) {
      const piece = Math.min(rest, block.end - block.start);
      block.start += piece;
      rest -= piece;
      if (block.start < block.end) break;
      used += 1;
    }
    for (const { bytes: block } of this.#blocks.splice(0, used)) if (spare.length < SPARE_BLOCKS) spare.push(block);
  }

  /** How many bytes there are up to the end of the first line that ends at or after byte `from` (counted from 1); undefined: none ends there. */
  lineEnd(from: number): number | undefined {
    let before = 0;
    for (const { bytes, start, end } of this.#blocks) {
      const piece = bytes.subarray(start, end);
      const at = before + piece.length < from ? -1 : piece.indexOf(NEWLINE, Math.max(0, from - 1 - before));
      if (at !== -1) return before + at + 1;
      before += piece.length;
    }
    return undefined;
  }

  #roomy(): Block {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.end < last.bytes.length) return last;
    const made: Block = { bytes: spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES), start: 0, end: 0 };
    this.#blocks.push(made);
    return made;
  }
}
