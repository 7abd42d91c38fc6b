import type { Readable, Writable } from "node:stream";

/** Talks with what is at the other end of a serial line, as a person at a terminal would: waits for a text, types the next. */
export class LineDialogue {
  readonly #name: string;
  readonly #to: Writable;
  #seen = "";
  /** What is before this has been waited for already. */
  #read = 0;
  #over = false;
  #look: () => void = () => {};

  constructor(name: string, from: Readable, to: Writable) {
    this.#name = name;
    this.#to = to;
    from.setEncoding("utf8").on("data", (text: string) => {
      this.#seen += text;
      this.#look();
    });
    from.once("close", () => {
      this.#over = true;
      this.#look();
    });
    to.on("error", () => {});
  }

  /** All that came, also what nobody waited for. */
  get seen(): string {
    return this.#seen;
  }

  type(text: string): void {
    this.#to.write(text);
  }

  /** Resolves with the first match after what the last wait has found; rejects when it has not come after `ms`, or the line is dead. */
  waitFor(pattern: RegExp, ms: number): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const end = (then: () => void): void => {
        clearTimeout(timer);
        this.#look = () => {};
        then();
      };
      const fail = (why: string): void =>
        end(() =>
          reject(new Error(`${why}: nothing on ${this.#name} matches ${pattern}; what came since:\n${this.#seen.slice(this.#read)}`)),
        );
      const timer = setTimeout(() => fail(`${ms / 1000} seconds went by`), ms);
      this.#look = () => {
        const match = pattern.exec(this.#seen.slice(this.#read));
        if (match !== null) {
          this.#read += match.index + match[0].length;
          end(() => resolve(match));
        } else if (this.#over) fail("it is closed");
      };
      this.#look();
    });
  }

  /** Runs a command in the shell at the other end, which waits for one; what it printed, both streams, less the blank around. */
  async run(command: string, ms: number): Promise<{ readonly code: number; readonly out: string }> {
    // The terminal shows the command too, perhaps twice; the marks are written differently in it.
    this.type(`echo "<begin"">"; ${command}; echo "<exit" $?">"\n`);
    try {
      await this.waitFor(/<begin>\r*\n/, ms);
      const from = this.#read;
      const { 0: mark, 1: code } = await this.waitFor(/<exit (\d+)>\r*\n/, ms);
      const out = this.#seen.slice(from, this.#read - mark.length);
      return { code: Number(code), out: out.replaceAll("\r", "").trim() };
    } catch (error) {
      // Ctrl-C, for whoever is next
      this.type("\x03");
      throw error;
    }
  }
}
