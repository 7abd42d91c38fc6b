import type { Fact, SignalFact } from "../../model/fact.ts";
import type { Json } from "../../model/json.ts";
import { WHOLE } from "../../model/name.ts";
import type { PayloadKind, ServiceDecl } from "../../model/unit-set.ts";
import type { Literal } from "../condition.ts";
import { describeLiteral } from "../describe.ts";
import { matches } from "../payload.ts";
import { Count, type Reach } from "./count.ts";
import { type Alternative, type GuardLists, guardLists, mapLists } from "./guard-lists.ts";
import type { Seen } from "./judge-states.ts";
import { admitsKey } from "./key-filter.ts";
import { countListening, type Listening } from "./listening.ts";

/** What the lists of a guard ask of the store. */
export interface CountedWorld {
  branches(state: string): Iterable<Json>;
  kindOf(name: string): PayloadKind;
  /** The key of the one branch that a literal is about, if it names one whole. */
  topicKey(literal: Literal): string | undefined;
  variable(name: string): Json | undefined;
}

/** `start-on`, `stop-on`, the source state and the filters of one service, as counts: what holds for which instance, and who exists. */
export class GuardCounts {
  readonly listens: readonly Listening[];
  readonly #decl: ServiceDecl;
  readonly #world: CountedWorld;
  readonly #lists: GuardLists<Count>;

  constructor(
    decl: ServiceDecl,
    world: CountedWorld,
    touched: (reach: Reach, cause: number) => void,
    heard: (signal: Fact & SignalFact) => void,
  ) {
    this.#decl = decl;
    this.#world = world;
    const counts: Count[] = [];
    this.#lists = mapLists(guardLists(decl), (literal) => {
      const count = new Count(literal, world.kindOf(literal.state), decl.branching?.key);
      for (const payload of world.branches(literal.state)) count.add(payload);
      counts.push(count);
      return count;
    });
    this.listens = [
      ...counts.map((count) => countListening(count, world.topicKey(count.literal), touched)),
      ...this.#signals().map((name): Listening => ({ kind: "signal", name, next: heard })),
    ];
  }

  /** Whether there is a branch for the instance, and no filter excepts it. */
  exists(key: string): boolean {
    const { source, only, except } = this.#lists;
    if (source === undefined) return key === WHOLE;
    if (!source.has(key) || this.#decl.branching === undefined) return false;
    return admitsKey(key, this.#decl.branching, { only, except }, (name) => this.#world.variable(name));
  }

  /** Keys for which there is a branch, in the order in which these came. */
  sourceKeys(): Iterable<string> {
    return this.#lists.source?.keys() ?? [WHOLE];
  }

  /** Branches of the source state that carry no key. */
  get keyless(): number {
    return this.#lists.source?.loose ?? 0;
  }

  /** Why the instance does not exist. */
  absence(key: string): string {
    return this.#lists.source?.has(key) === true ? "it is excepted" : `its branch of ${this.#decl.branching?.sourceState} is gone`;
  }

  seen(key: string): Seen {
    const { start } = this.#lists;
    const some = (which: (alternative: Alternative<Count>) => boolean): boolean =>
      start === undefined || start.some((alternative) => which(alternative) && allHold(alternative, key));
    return {
      level: some(({ signals }) => signals.length === 0),
      guard: some(() => true),
      blocked: this.#blocker(key) !== undefined,
    };
  }

  /** The `stop-on` that holds, in words. */
  blockerText(key: string): string {
    const literals = this.#blocker(key)?.literals ?? [];
    return literals.map((count) => describeLiteral(count.literal)).join(" and ");
  }

  startsOn(signal: SignalFact, key: string): boolean {
    return this.#lists.start !== undefined && this.#hits(this.#lists.start, signal, key);
  }

  stopsOn(signal: SignalFact, key: string): boolean {
    return this.#hits(this.#lists.stop, signal, key);
  }

  #blocker(key: string): Alternative<Count> | undefined {
    return this.#lists.stop.find((alternative) => alternative.signals.length === 0 && allHold(alternative, key));
  }

  #hits(list: readonly Alternative<Count>[], signal: SignalFact, key: string): boolean {
    return list.some(
      (alternative) =>
        alternative.signals.length > 0 &&
        alternative.signals.every(({ name, match }) => name === signal.name && matches(match, signal.payload, this.#world.kindOf(name))) &&
        allHold(alternative, key),
    );
  }

  #signals(): readonly string[] {
    const lists = [...(this.#lists.start ?? []), ...this.#lists.stop];
    return [...new Set(lists.flatMap((alternative) => alternative.signals.map(({ name }) => name)))];
  }
}

function allHold(alternative: Alternative<Count>, key: string): boolean {
  return alternative.literals.every((count) => count.holds(key));
}
