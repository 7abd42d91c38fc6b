import { assertNever } from "../lib/assert-never.ts";
import type { Condition, Match } from "../model/condition.ts";
import type { Json } from "../model/json.ts";
import { instanceName } from "../model/name.ts";
import { canonicalText } from "./payload.ts";

/*
 * The normal form of condition lists: alternatives, each a conjunction of single states and at most one signal.
 *
 * `not` goes down to the single states (de Morgan), `any` and `all` are multiplied out in the order of writing, and a condition on a
 * service becomes literals on the hidden state that the supervisor keeps for it. Alternatives that can never hold are left out.
 */

/** A single state with its sign, as it stands in a conjunction. */
export interface Literal {
  readonly negated: boolean;
  readonly state: string;
  readonly match: readonly Match[];
  /** It takes no part in any join: it only has to hold. */
  readonly gate: boolean;
}

export interface SignalLiteral {
  readonly name: string;
  readonly match: readonly Match[];
}

/** What must hold together. `signals` are of one name. */
export interface Conjunction {
  readonly signals: readonly SignalLiteral[];
  readonly literals: readonly Literal[];
}

/** A place inside a condition list or item, in the spelling of TOML. */
export type Path = readonly (string | number)[];
/** Takes a mistake: where it is, what is wrong, what would be right. */
export type Report = (path: Path, message: string, hint: string) => void;

interface Draft {
  readonly signals: readonly { readonly literal: SignalLiteral; readonly path: Path }[];
  readonly literals: readonly Literal[];
}

interface Writing {
  readonly report: Report;
  tooMany: boolean;
  wrong: boolean;
}

/** A list of a few `any` inside each other multiplies quickly; what needs more is better written as derived states. */
const MAX_ALTERNATIVES = 256;
const SERVICE_PREFIX = "~service:";
const HOLDS_ALWAYS: Draft = { signals: [], literals: [] };

/** The hidden state whose branches are the instances of a service (`~id`: name of the instance; `~ready` and so on: booleans). */
export function serviceState(service: string): string {
  return `${SERVICE_PREFIX}${service}`;
}

/**
 * The alternatives of a list all of whose items must hold. Mistakes go to `report` with a path relative to the list: too many
 * alternatives, `not` of a signal, different signals together, a list none of whose alternatives can hold.
 */
export function alternatives(conditions: readonly Condition[], report: Report = ignore): Conjunction[] {
  const [only] = conditions;
  // most lists are one plain condition: there is nothing to multiply, and nothing that it could contradict
  if (conditions.length === 1 && only?.kind === "signal") return [{ signals: [{ name: only.name, match: only.match }], literals: [] }];
  if (conditions.length === 1 && only?.kind === "state") return [{ signals: [], literals: [stateLiteral(only, false)] }];
  const writing: Writing = { report, tooMany: false, wrong: false };
  const drafts = multiply(
    conditions.map((condition, i) => expand(condition, false, [i], writing)),
    writing,
  );
  if (writing.tooMany)
    report([], `this makes more than ${MAX_ALTERNATIVES} alternatives`, "give a part of it a name, as a state of its own");
  const single = drafts.filter((draft) => hasOneSignal(draft, writing));
  const possible = single.filter((draft) => contradiction(draft.literals) === undefined);
  const impossible = single.length > 0 && possible.length === 0 ? single[0] : undefined;
  const empty = drafts.length === 0 && !writing.wrong;
  if (empty) report([], "this can never hold", "an `any` without entries never holds");
  const against = impossible && contradiction(impossible.literals);
  if (against !== undefined) report([], `this can never hold: it asks for ${against} and for its opposite`, "leave out one of the two");
  return possible.map(({ signals, literals }) => ({ signals: signals.map(({ literal }) => literal), literals }));
}

function ignore(): void {}

function expand(condition: Condition, negated: boolean, path: Path, writing: Writing): readonly Draft[] {
  switch (condition.kind) {
    case "state":
      return [{ signals: [], literals: [stateLiteral(condition, negated)] }];
    case "signal":
      if (!negated) return [{ signals: [{ literal: { name: condition.name, match: condition.match }, path }], literals: [] }];
      writing.wrong = true;
      writing.report(path, `\`not\` takes no signal, and ${condition.name} is one`, "a signal is there for a moment only: name a state");
      return [HOLDS_ALWAYS];
    case "service":
      return expandService(condition, negated);
    case "not":
      return expand(condition.of, !negated, [...path, "not"], writing);
    case "any":
    case "all": {
      const { kind } = condition;
      const parts = condition.of.map((part, i) => expand(part, negated, [...path, kind, i], writing));
      return (kind === "all") !== negated ? multiply(parts, writing) : cut(parts.flat(), writing);
    }
    default:
      return assertNever(condition);
  }
}

function stateLiteral({ name, match }: Condition & { readonly kind: "state" }, negated: boolean): Literal {
  return { negated, state: name, match, gate: false };
}

/** "At least one instance, and all", of which `failed` asks only the first half. */
function expandService({ name, key, is }: Condition & { readonly kind: "service" }, negated: boolean): readonly Draft[] {
  const about = (value: { readonly [field: string]: Json }, opposite: boolean): Literal => {
    return { negated: opposite !== negated, state: serviceState(name), match: [{ kind: "as", value }], gate: true };
  };
  const flag = `~${is}`;
  if (key !== undefined) return [{ signals: [], literals: [about({ "~id": instanceName(name, key), [flag]: true }, false)] }];
  const literals = is === "failed" ? [about({ [flag]: true }, false)] : [about({ [flag]: true }, false), about({ [flag]: false }, true)];
  return negated ? literals.map((literal) => ({ signals: [], literals: [literal] })) : [{ signals: [], literals }];
}

function multiply(parts: readonly (readonly Draft[])[], writing: Writing): readonly Draft[] {
  return parts.reduce<readonly Draft[]>(
    (left, right) =>
      cut(left, writing, right.length).flatMap((a) =>
        right.map((b) => ({ signals: [...a.signals, ...b.signals], literals: [...a.literals, ...b.literals] })),
      ),
    [HOLDS_ALWAYS],
  );
}

function cut(drafts: readonly Draft[], writing: Writing, times = 1): readonly Draft[] {
  if (drafts.length * times <= MAX_ALTERNATIVES) return drafts;
  writing.tooMany = true;
  return drafts.slice(0, Math.ceil(MAX_ALTERNATIVES / Math.max(times, 1)));
}

function hasOneSignal({ signals }: Draft, writing: Writing): boolean {
  const first = signals[0]?.literal.name;
  const other = signals.find(({ literal }) => literal.name !== first);
  if (first === undefined || other === undefined) return true;
  if (!writing.wrong) {
    writing.report(
      other.path,
      `the signals ${first} and ${other.literal.name} never come together`,
      "to react to either, put them under `any`",
    );
  }
  writing.wrong = true;
  return false;
}

/** The state that is asked for and excluded at once, by the same or a wider restriction. */
function contradiction(literals: readonly Literal[]): string | undefined {
  const excluded = literals.filter(({ negated }) => negated);
  if (excluded.length === 0) return undefined;
  const clash = literals.find(
    ({ negated, state, match }) => !negated && excluded.some((out) => out.state === state && isWider(out.match, match)),
  );
  if (clash === undefined) return undefined;
  return clash.state.startsWith(SERVICE_PREFIX) ? `service ${clash.state.slice(SERVICE_PREFIX.length)}` : clash.state;
}

function isWider(wide: readonly Match[], narrow: readonly Match[]): boolean {
  const texts = new Set(narrow.map((one) => canonicalText(one)));
  return wide.every((one) => texts.has(canonicalText(one)));
}
