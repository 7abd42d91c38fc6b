import { UndeclaredError } from "../errors/rind-error.ts";
import { assertNever } from "../lib/assert-never.ts";
import { nearestName } from "../lib/nearest-name.ts";
import type { Change, Write } from "../model/change.ts";
import type { SignalFact, StateFact } from "../model/fact.ts";
import type { Json } from "../model/json.ts";
import { Agenda } from "./agenda.ts";
import { answerAuto, isInUse, keep, mirror, setByHand, unsetByHand } from "./by-hand.ts";
import { type Causes, causeList, NO_CAUSE } from "./causes.ts";
import { Emissions } from "./emissions.ts";
import type { Memory } from "./memory.ts";
import type { Program, SignalPlan, StatePlan } from "./plan.ts";
import { namedKey } from "./program.ts";
import { settleCycle, settleSingle } from "./settle.ts";
import { StateNode } from "./state-node.ts";
import { Trigger } from "./trigger.ts";
import { bareBranch, branchFor, checkFilter, isStorable, passedOn, signalPayload } from "./validate.ts";

/** Something that a step made happen. */
export interface Effect {
  readonly fact: StateFact | SignalFact;
  /** Indexes of earlier effects of the same step; -1 - i is the i-th change itself. Empty at boot, for what was stored. */
  readonly because: readonly number[];
}

const NO_BRANCHES: ReadonlyMap<string, Json> = new Map();

/**
 * The store of states and branches, and everything that follows from it: derived states, masks, chains of signals.
 *
 * Pure: no clock, no I/O, no numbers of its own. The same changes on the same program give the same effects in the same order,
 * whatever the order of declaration. Between two calls the store is at its fixpoint; a change that is refused leaves no trace.
 */
export class Flow {
  readonly program: Program;
  readonly #nodes = new Map<string, StateNode>();
  /** As in the program, in the order of evaluation. */
  readonly #components: readonly (readonly StateNode[])[];
  readonly #triggers = new Map<string, readonly Trigger[]>();
  readonly #agenda = new Agenda();
  readonly #emissions = new Emissions();
  #effects: Effect[] = [];

  /** `program` must be free of errors. Nothing is derived before `boot`. */
  constructor(program: Program) {
    this.program = program;
    // In the order of evaluation, so that followers hear of a change in an order that the declarations do not decide.
    this.#components = program.components.map((plans) => plans.map((plan) => new StateNode(program, plan, this.#agenda)));
    for (const node of this.#components.flat()) this.#nodes.set(node.plan.name, node);
    for (const node of this.#nodes.values()) {
      for (const { memories } of [...node.rules, ...node.blocks]) for (const memory of memories) this.#follow(memory);
    }
    for (const [name, plans] of program.triggers) {
      const triggers = plans.map((plan) => new Trigger(program, plan));
      this.#triggers.set(name, triggers);
      for (const { memories } of triggers) for (const memory of memories) this.#follow(memory);
    }
  }

  /**
   * Everything that follows from what was stored; no signals. Comes first, and once. `setAside` is what has no place any more: it is not
   * in the store, and to be kept for a program in which it has one. `due` as in `step`. `answers`: see `answers()`; `mirrored`: the branches
   * of imported states, of which nothing is taken from what was stored.
   */
  boot(
    stored: Iterable<Write>,
    answers: Iterable<Write> = [],
    mirrored: Iterable<Write> = [],
  ): { effects: readonly Effect[]; setAside: readonly Write[]; due: readonly string[] } {
    const setAside: Write[] = [];
    this.#agenda.causes = NO_CAUSE;
    for (const write of stored) if (this.#isImported(write.state) || !this.#restore(write)) setAside.push(write);
    for (const write of mirrored) if (this.#isImported(write.state)) this.#restore(write);
    for (const { state, key, payload } of answers) if (payload !== undefined) this.#nodes.get(state)?.auto?.recall({ key, payload });
    for (const node of this.#nodes.values()) {
      node.auto?.restore();
      for (const rule of node.rules) rule.begin();
    }
    this.#settle();
    this.#emissions.drop();
    for (const node of this.#nodes.values()) node.auto?.forgetRecalled();
    return { effects: this.#takeEffects(), setAside, due: this.#takeDue() };
  }

  /** Throws an UndeclaredError or RejectedError where `step` would; changes nothing. */
  check(change: Change): void {
    switch (change.op) {
      case "set": {
        const node = this.#declared(change.state);
        if (change.payload !== undefined) branchFor(node.plan, change.payload);
        else if (!isInUse(node)) bareBranch(node.plan);
        return;
      }
      case "unset":
        this.#declared(change.state);
        checkFilter(change.filter);
        return;
      case "emit":
        signalPayload(this.#declaredSignal(change.signal), change.payload);
        return;
      case "keep":
      case "mirror":
      case "auto":
        // What is told of a state may come after it is gone; that is nobody's mistake.
        return;
      default:
        assertNever(change);
    }
  }

  /**
   * Makes the changes at once and carries them to the fixpoint: derived states first, then signals one by one against the settled store.
   * All changes are checked before the first is made. `seen` belongs to the transaction: the signals that it has had so far; it is
   * added to. `writes` are the changes of what is kept on disk. `due` names the states whose auto-payload command must run now; each
   * is answered by a change `auto`.
   */
  step(changes: readonly Change[], seen: Set<string>): { effects: readonly Effect[]; writes: readonly Write[]; due: readonly string[] } {
    for (const change of changes) this.check(change);
    const writes: Write[] = [];
    let no = 0;
    for (const change of changes) {
      // Each change of a batch is its own cause: causes of the batch would cost its square.
      this.#agenda.causes = --no;
      this.#make(change, writes);
    }
    this.#settle();
    this.#deliver(seen);
    return { effects: this.#takeEffects(), writes, due: this.#takeDue() };
  }

  /** Key and payload of what is to be seen of a state, in the order in which the branches came. Live: copy it to keep it. */
  branches(state: string): ReadonlyMap<string, Json> {
    return this.#nodes.get(state)?.branches ?? NO_BRANCHES;
  }

  /** What a branch rests on. `masked`: it has a support, and is kept from being seen. */
  supports(state: string, key: string): { manual: Json | undefined; derived: boolean; masked: boolean } {
    const node = this.#nodes.get(state);
    if (node === undefined) return { manual: undefined, derived: false, masked: false };
    return { manual: node.manual.get(key), derived: node.isDerived(key), masked: node.isSupported(key) && node.isMasked(key) };
  }

  /** All that was set by hand, as `boot` of another flow takes it. */
  manual(): Iterable<Write> {
    return this.#byHand(false);
  }

  /** The branches of imported states, as `boot` of another flow takes them. */
  mirrored(): Iterable<Write> {
    return this.#byHand(true);
  }

  *#byHand(imported: boolean): Iterable<Write> {
    for (const plan of this.program.states.values()) {
      if (plan.imported !== imported) continue;
      for (const [key, payload] of this.#nodes.get(plan.name)?.manual ?? []) yield { state: plan.name, key, payload };
    }
  }

  /** What auto-payload commands have answered for derived states that are still active: with it the next flow does not ask again. */
  *answers(): Iterable<Write> {
    for (const plan of this.program.states.values()) {
      const answer = this.#nodes.get(plan.name)?.auto?.answer;
      if (answer !== undefined) yield { state: plan.name, key: answer.key, payload: answer.payload };
    }
  }

  #follow(memory: Memory): void {
    const node = this.#nodes.get(memory.literal.state);
    (memory.inside ? node?.inside : node?.outside)?.add(memory, namedKey(node?.plan, memory.literal));
  }

  #declared(name: string): StateNode {
    const node = this.#nodes.get(name);
    if (node !== undefined && node.plan.edgeOf === undefined) return node;
    const hint = this.program.signals.has(name)
      ? `${name} is a signal: it is emitted, not set`
      : this.#didYouMean(name, this.program.states);
    throw new UndeclaredError(`no state ${name}`, { hint });
  }

  #declaredSignal(name: string): SignalPlan {
    const plan = this.program.signals.get(name);
    if (plan !== undefined) return plan;
    const hint = this.program.states.has(name)
      ? `${name} is a state: it is set, not emitted`
      : this.#didYouMean(name, this.program.signals);
    throw new UndeclaredError(`no signal ${name}`, { hint });
  }

  #didYouMean(name: string, known: ReadonlyMap<string, StatePlan | SignalPlan>): string {
    const listed = [...known.keys()].filter((other) => !other.startsWith("~"));
    const nearest = nearestName(name, listed);
    return nearest === undefined ? "" : `did you mean ${nearest}?`;
  }

  #isImported(state: string): boolean {
    return this.program.states.get(state)?.imported === true;
  }

  #restore({ state, key, payload }: Write): boolean {
    const node = this.#nodes.get(state);
    if (node === undefined || node.plan.edgeOf !== undefined) return state.startsWith("~");
    if (payload === undefined) return true;
    if (!isStorable(node.plan, key, payload)) return false;
    node.manual.set(key, payload);
    node.touch(key);
    return true;
  }

  #make(change: Change, writes: Write[]): void {
    switch (change.op) {
      case "set":
        setByHand(this.#declared(change.state), change, writes);
        return;
      case "unset":
        unsetByHand(this.#declared(change.state), change.filter, writes);
        return;
      case "emit": {
        const payload = signalPayload(this.#declaredSignal(change.signal), change.payload);
        this.#emissions.push({ name: change.signal, payload, because: causeList(this.#agenda.causes) });
        return;
      }
      case "keep":
        keep(this.#nodes.get(change.state), change.key, change.payload);
        return;
      case "mirror":
        mirror(this.#nodes.get(change.state), change.key, change.payload, writes);
        return;
      case "auto":
        answerAuto(this.#nodes.get(change.state), change.payload, writes);
        return;
      default:
        assertNever(change);
    }
  }

  #settle(): void {
    for (let component = this.#agenda.next(); component !== undefined; component = this.#agenda.next()) {
      const nodes = this.#components[component] ?? [];
      const first = nodes[0];
      if (first?.plan.recursive === true) settleCycle(nodes, this.#agenda, this.#tell);
      else if (first !== undefined) settleSingle(first, this.#tell);
    }
  }

  readonly #tell = (node: StateNode, key: string, before: Json | undefined, after: Json | undefined, causes: Causes): void => {
    const { name, edgeOf } = node.plan;
    if (edgeOf !== undefined) {
      if (before === undefined && after !== undefined) this.#pass(edgeOf, after, causeList(causes));
      return;
    }
    const index = this.#effects.push({ fact: { kind: "state", name, key, before, after }, because: causeList(causes) }) - 1;
    this.#agenda.causes = index;
    node.outside.update(key, before, after);
  };

  #deliver(seen: Set<string>): void {
    this.#emissions.deliver(seen, ({ name, payload, because }) => {
      const index = this.#effects.push({ fact: { kind: "signal", name, payload }, because }) - 1;
      for (const trigger of this.#triggers.get(name) ?? []) {
        for (const one of trigger.payloads(payload)) this.#pass(trigger.plan.signal, one, [index]);
      }
    });
  }

  #pass(signal: string, payload: Json, because: readonly number[]): void {
    const kind = this.program.signals.get(signal)?.kind ?? "any";
    this.#emissions.push({ name: signal, payload: passedOn(kind, payload), because });
  }

  #takeEffects(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #takeDue(): readonly string[] {
    const due = this.#agenda.due;
    this.#agenda.due = [];
    return due;
  }
}
