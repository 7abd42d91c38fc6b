import type { AnyStateMachine, EventObject, MachineContext, StateNode, TransitionDefinition } from "xstate";

/** A state of a machine without nested states, with everything found that it calls for by name. */
export interface FlatState<Action, Guard> {
  readonly name: string;
  readonly entry: readonly Action[];
  readonly exit: readonly Action[];
  /** By the type of the event: the first whose guard holds is taken. */
  readonly on: ReadonlyMap<string, readonly FlatTransition<Action, Guard>[]>;
  /** What is taken without an event. */
  readonly always: readonly FlatTransition<Action, Guard>[];
}

export interface FlatTransition<Action, Guard> {
  /** undefined: it may always be taken. */
  readonly guard: Guard | undefined;
  /** undefined: the state stays, and is neither left nor entered. */
  readonly target: FlatState<Action, Guard> | undefined;
  readonly actions: readonly Action[];
}

/** What a machine calls for by name. */
export interface Parts<Action, Guard> {
  readonly actions: Readonly<Record<string, Action>>;
  readonly guards: Readonly<Record<string, Guard>>;
}

type Definition = TransitionDefinition<MachineContext, EventObject>;

/**
 * The initial state of a machine, and through it all others. Throws where the machine is more than one level of states with actions and
 * guards by name.
 */
export function flatten<Action, Guard>(machine: AnyStateMachine, parts: Parts<Action, Guard>): FlatState<Action, Guard> {
  const actions: ReadonlyMap<unknown, Action> = new Map(Object.entries(parts.actions));
  const guards: ReadonlyMap<unknown, Guard> = new Map(Object.entries(parts.guards));
  const states = new Map<string, Writable<FlatState<Action, Guard>>>();
  const stateOf = (node: StateNode | undefined): Writable<FlatState<Action, Guard>> => found(states, node?.key);
  const transition = ({ guard, target, actions: names }: Definition): FlatTransition<Action, Guard> => ({
    guard: guard === undefined ? undefined : found(guards, guard),
    target: target === undefined ? undefined : stateOf(target[0]),
    actions: names.map((name) => found(actions, name)),
  });
  const transitions = (node: StateNode): [string, readonly FlatTransition<Action, Guard>[]][] =>
    [...node.transitions].map(([event, candidates]) => [event, candidates.map(transition)]);

  const nodes: readonly StateNode[] = Object.values(machine.states);
  for (const { key, type, after, invoke, entry, exit } of nodes) {
    if (type !== "atomic" || after.length > 0 || invoke.length > 0) throw new Error(`the state ${key} is more than a flat one`);
    const [onEntry, onExit] = [entry, exit].map((names) => names.map((name) => found(actions, name)));
    states.set(key, { name: key, entry: onEntry ?? [], exit: onExit ?? [], on: new Map(), always: [] });
  }
  // what holds for the machine as a whole is taken where the state takes nothing
  const anywhere = transitions(machine.root);
  for (const node of nodes) {
    const state = stateOf(node);
    const on = new Map(anywhere);
    for (const [event, own] of transitions(node)) on.set(event, [...own, ...(on.get(event) ?? [])]);
    state.on = on;
    state.always = (node.always ?? []).map(transition);
  }
  return stateOf(machine.root.initial.target[0]);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function found<Part>(parts: ReadonlyMap<unknown, Part>, name: unknown): Part {
  const part = parts.get(name);
  if (part === undefined) throw new Error(`the machine calls for ${String(name)}, which is not there`);
  return part;
}
