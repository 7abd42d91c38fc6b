import { Observable, type Observer, Subject, type Subscription } from "rxjs";

interface Topic<T> {
  readonly subject: Subject<T>;
  /** For whoever unsubscribes: drops the subject if that was the last. */
  readonly left: () => void;
}

/**
 * Subjects by name, made with the first subscriber and dropped with the last: a name that nobody listens to costs one failed look-up.
 */
export class Topics<T> {
  readonly #topics = new Map<string, Topic<T>>();

  /** What is published under `name` from the moment of subscription on. Never errors; never completes. */
  topic(name: string): Observable<T> {
    return new Observable<T>((subscriber) => void this.subscribe(name, subscriber));
  }

  /** The same without an observable in between, for the many who listen as long as they live. */
  subscribe(name: string, observer: Partial<Observer<T>>): Subscription {
    const { subject, left } = this.#topics.get(name) ?? this.#made(name);
    const subscription = subject.subscribe(observer);
    // runs after the subject has let go of the observer, as it is added after that
    subscription.add(left);
    return subscription;
  }

  publish(name: string, value: T): void {
    this.#topics.get(name)?.subject.next(value);
  }

  /** How many names have a listener; for tests and for guard rails. */
  get size(): number {
    return this.#topics.size;
  }

  #made(name: string): Topic<T> {
    const subject = new Subject<T>();
    const left = (): void => {
      if (!subject.observed) this.#topics.delete(name);
    };
    const topic = { subject, left };
    this.#topics.set(name, topic);
    return topic;
  }
}
