/**
 * What many processes tell in one turn, their starts and their ends: who hears of it may want to carry all of it through in one go.
 */
class Bursts {
  #carry: (burst: () => void) => void = (burst) => burst();

  /** Everything is told inside of a call of `carry` from now on. */
  carriedBy(carry: (burst: () => void) => void): void {
    this.#carry = carry;
  }

  /** Calls each, in order. One that throws takes nothing from the others: it is thrown again in a task of its own. */
  tell(all: readonly (() => void)[]): void {
    if (all.length === 0) return;
    this.#carry(() => {
      for (const tell of all) {
        try {
          tell();
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    });
  }
}

export const bursts = new Bursts();
