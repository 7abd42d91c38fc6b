import { Observable, Subject, type Subscriber } from "rxjs";

/**
 * Subjects by name, made with the first subscriber and dropped with the last: a name that nobody listens to costs one failed look-up.
 */
export class Topics<T> {
  readonly #subjects = new Map<string, Subject<T>>();

  /** What is published under `name` from the moment of subscription on. Never errors; never completes. */
  topic(name: string): Observable<T> {
    return new Observable<T>((subscriber) => this.#attach(name, subscriber));
  }

  publish(name: string, value: T): void {
    this.#subjects.get(name)?.next(value);
  }

  /** How many names have a listener; for tests and for guard rails. */
  get size(): number {
    return this.#subjects.size;
  }

  #attach(name: string, subscriber: Subscriber<T>): () => void {
    let subject = this.#subjects.get(name);
    if (subject === undefined) {
      subject = new Subject<T>();
      this.#subjects.set(name, subject);
    }
    const inner = subject.subscribe(subscriber);
    return () => {
      inner.unsubscribe();
      if (!subject.observed) this.#subjects.delete(name);
    };
  }
}
