interface Numbered {
  readonly seq: number;
  readonly bytes: Buffer;
}

/** What a kept line costs beside its bytes: its record and its Buffer. */
const LINE_OVERHEAD = 200;

/** The last lines of one instance. Its methods that change it return by how many bytes it grew; negative: it shrank. */
export class ServiceRing<Line extends Numbered> {
  readonly instance: string;
  readonly #maxBytes: number;
  #maxLines: number;
  /** Its first `#head` places are empty: shifting a long array for each line would cost more than the line. */
  #lines: (Line | undefined)[] = [];
  #head = 0;
  #bytes = 0;
  #dropped = 0;

  constructor(instance: string, maxLines: number, maxBytes: number) {
    this.instance = instance;
    this.#maxLines = maxLines;
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many lines were printed and are no longer kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How many lines there ever were. */
  get printed(): number {
    return this.#dropped + this.#count;
  }

  push(line: Line): number {
    const before = this.#bytes;
    this.#lines.push(line);
    this.#bytes += cost(line);
    while (this.#count > this.#maxLines || (this.#bytes > this.#maxBytes && this.#count > 1)) this.#dropOldest();
    return this.#bytes - before;
  }

  limit(maxLines: number): number {
    const before = this.#bytes;
    this.#maxLines = maxLines;
    while (this.#count > maxLines) this.#dropOldest();
    return this.#bytes - before;
  }

  dropOlderHalf(): number {
    const before = this.#bytes;
    const target = Math.floor(this.#count / 2);
    while (this.#count > target) this.#dropOldest();
    return this.#bytes - before;
  }

  /** Kept lines with a greater number than `seq`. */
  from(seq: number): Line[] {
    return this.#slice(this.#firstAfter(seq), undefined);
  }

  /** Kept lines after the first `printed` that were ever printed. */
  after(printed: number, max: number): Line[] {
    return this.#slice(this.#head + Math.max(0, printed - this.#dropped), max);
  }

  /** How many lines had been printed up to number `seq`; those that are no longer kept count as older. */
  printedUpTo(seq: number): number {
    return this.#dropped + this.#firstAfter(seq) - this.#head;
  }

  get #count(): number {
    return this.#lines.length - this.#head;
  }

  #firstAfter(seq: number): number {
    let low = this.#head;
    let high = this.#lines.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lines[middle]?.seq ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #slice(start: number, max: number | undefined): Line[] {
    return this.#lines.slice(start, max === undefined ? undefined : start + max).filter((line) => line !== undefined);
  }

  #dropOldest(): void {
    const oldest = this.#lines[this.#head];
    this.#lines[this.#head] = undefined;
    this.#head += 1;
    this.#dropped += 1;
    if (oldest !== undefined) this.#bytes -= cost(oldest);
    if (this.#head < 256 || this.#head * 2 < this.#lines.length) return;
    this.#lines = this.#lines.slice(this.#head);
    this.#head = 0;
  }
}

function cost(line: Numbered): number {
  return line.bytes.length + LINE_OVERHEAD;
}
