import type { TextRecord } from "./branch-key.ts";
import { Memory, type MemoryOwner } from "./memory.ts";
import type { BlockPlan, Program } from "./plan.ts";
import type { Projection } from "./projection.ts";

/** One way in which the branches of a state are masked: all its literals hold, each judged on its own (SPEC 3, `stop-on`). */
export class Block implements MemoryOwner {
  readonly memories: readonly Memory[];
  readonly #recheck: (record: TextRecord) => void;

  /** `recheck` is told of records whose agreeing branches may now be masked, or no longer. */
  constructor(program: Program, { literals, fields }: BlockPlan, recheck: (record: TextRecord) => void) {
    this.#recheck = recheck;
    this.memories = literals.map((literal) => {
      const kind = program.states.get(literal.state)?.kind ?? "json";
      return new Memory({ literal, kind, fields, keeps: "number", slot: -1, inside: false, owner: this });
    });
  }

  /** Whether the branch with these identity texts is masked. */
  masks(record: TextRecord): boolean {
    return this.memories.every(({ index, literal }) => index.hasAgreeing(record) !== literal.negated);
  }

  /** Whether every branch is masked, whatever it is called. */
  masksAny(): boolean {
    return this.memories.every(({ index, literal }) => (literal.negated ? !index.hasAgreeing([]) : index.hasLoose()));
  }

  gained(_memory: Memory, projection: Projection): void {
    this.#recheck(projection.record);
  }

  lost(_memory: Memory, projection: Projection): void {
    this.#recheck(projection.record);
  }

  touched(): void {
    // Only where blockers are matters, never what they carry.
  }
}
