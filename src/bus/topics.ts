import { config, Observable } from "rxjs";

/** Who hears what is published under a name. */
export interface Ear<T> {
  readonly hear: (value: T) => void;
}

/**
 * Ears by name: a name that nobody listens to costs one failed look-up, and an ear of its own nothing but its place in a list. Who comes or
 * goes while something is delivered changes nothing for who else hears it; who is gone hears nothing more.
 */
export class Topics<T> {
  readonly #ears = new Map<string, readonly Ear<T>[]>();
  /** How often somebody has come or gone: whether a list is still what it was. */
  #changes = 0;
  #delivering = 0;

  /** What is published under `name` from the moment of subscription on. Never errors; never completes. */
  topic(name: string): Observable<T> {
    return new Observable<T>((subscriber) => {
      const ear = { hear: (value: T): void => subscriber.next(value) };
      this.add(name, ear);
      return () => this.remove(name, ear);
    });
  }

  add(name: string, ear: Ear<T>): void {
    const known = this.#ears.get(name);
    this.#changes++;
    // in place as long as nobody walks along it: ten thousand who wait for one name must not cost their square
    if (known !== undefined && this.#delivering === 0) (known as Ear<T>[]).push(ear);
    else this.#ears.set(name, known === undefined ? [ear] : [...known, ear]);
  }

  remove(name: string, ear: Ear<T>): void {
    const left = (this.#ears.get(name) ?? []).filter((other) => other !== ear);
    this.#changes++;
    if (left.length === 0) this.#ears.delete(name);
    else this.#ears.set(name, left);
  }

  publish(name: string, value: T): void {
    const ears = this.#ears.get(name);
    if (ears === undefined) return;
    const changes = this.#changes;
    this.#delivering++;
    for (const ear of ears) {
      if (changes !== this.#changes && this.#ears.get(name)?.includes(ear) !== true) continue;
      try {
        ear.hear(value);
      } catch (error) {
        report(error);
      }
    }
    this.#delivering--;
  }

  /** How many names have a listener; for tests and for guard rails. */
  get size(): number {
    return this.#ears.size;
  }
}

/** As RxJS does with what a subscriber throws: it goes to the place for unhandled errors, and takes nothing from who else listens. */
function report(error: unknown): void {
  setTimeout(() => {
    if (config.onUnhandledError === null) throw error;
    config.onUnhandledError(error);
  });
}
