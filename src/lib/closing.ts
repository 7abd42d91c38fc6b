/** The ways to end what has been opened, carried out in reverse order. */
export class Closing {
  readonly #ways: (() => unknown)[] = [];

  /** `close` is waited for where it answers with a promise. */
  add(close: () => unknown): void {
    this.#ways.push(close);
  }

  /** One that fails keeps none of the others from being carried out; the first error is thrown when all are done. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.#ways.pop(); close !== undefined; close = this.#ways.pop()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
