import type { Path, Report } from "./condition.ts";
import type { Finding } from "./plan.ts";

/** Collects mistakes, each once, in the order in which they are found. */
export class Findings {
  readonly #byText = new Map<string, Finding>();

  get all(): readonly Finding[] {
    return [...this.#byText.values()];
  }

  error(kind: Finding["kind"], item: string, path: Path, message: string, hint: string): void {
    const finding: Finding = { kind, item, path, severity: "error", message, hint };
    this.#byText.set(JSON.stringify(finding), finding);
  }

  /** Takes mistakes inside one list of an item. */
  within(kind: Finding["kind"], item: string, base: Path): Report {
    return (path, message, hint) => this.error(kind, item, [...base, ...path], message, hint);
  }
}
