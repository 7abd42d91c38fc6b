import { compactText } from "../flow/payload.ts";
import { assertNever } from "../lib/assert-never.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Reference, TransportDecl } from "../model/unit-set.ts";

/** What a reference may look at, at the moment of a start. */
export interface TransportView {
  /** Branches of a state that the instance sees, oldest first; `own`: those that carry its key. */
  branches(state: string): { readonly own: readonly Json[]; readonly all: readonly Json[] };
  /** The branch that made this instance; undefined outside of branching. */
  readonly ownBranch: Json | undefined;
  /** The payload of the signal that started this run. */
  readonly startSignal: Json | undefined;
  variable(name: string): Json | undefined;
}

export type Resolved =
  | { readonly ok: true; readonly value: Json; readonly warning: string | undefined }
  | { readonly ok: false; readonly missing: string };

/** What transport adds to a start: variables, arguments, and what the log should say about it. */
export interface Injection {
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly warnings: readonly string[];
  /** What `required` asked for and is not there. */
  readonly unmet: readonly string[];
}

const NOTHING: Injection = { env: {}, args: [], warnings: [], unmet: [] };

/** Resolves all transports of a service, in the order in which they are declared. */
export function inject(transports: readonly TransportDecl[], view: TransportView): Injection {
  if (transports.length === 0) return NOTHING;
  const env: Record<string, string> = {};
  const args: string[] = [];
  const warnings: string[] = [];
  const unmet: string[] = [];
  for (const { id, options, required } of transports) {
    for (const { prefix, value } of options) {
      const resolved = resolveReference(value, view);
      if (!resolved.ok) {
        (required ? unmet : warnings).push(resolved.missing);
        continue;
      }
      if (resolved.warning !== undefined) warnings.push(resolved.warning);
      const text = textOf(resolved.value);
      if (id === "env") env[prefix] = text;
      else args.push(prefix + text);
    }
  }
  return { env, args, warnings, unmet };
}

/** The value that a reference stands for. */
export function resolveReference(reference: Reference, view: TransportView): Resolved {
  switch (reference.kind) {
    case "literal":
      return { ok: true, value: reference.text, warning: undefined };
    case "variable":
      return settle(view.variable(reference.name), [], reference.fallback, `variable ${reference.name} has no value`);
    case "own-branch":
      return settle(view.ownBranch, reference.path, reference.fallback, `state:$${pathText(reference.path)} has no value here`);
    case "start-signal":
      return settle(view.startSignal, reference.path, reference.fallback, `signal:$${pathText(reference.path)} has no value here`);
    case "state": {
      const { own, all } = view.branches(reference.name);
      const candidates = own.length > 0 ? own : all;
      const missing = `state:${reference.name}${pathText(reference.path)} has no value`;
      const resolved = settle(candidates[0], reference.path, reference.fallback, missing);
      const several = own.length === 0 && candidates.length > 1;
      return resolved.ok && several
        ? { ...resolved, warning: `state:${reference.name} has ${candidates.length} branches; the oldest is taken` }
        : resolved;
    }
    default:
      return assertNever(reference);
  }
}

/** What is at `path` inside a value; undefined where the path leads nowhere. Array elements go by their number. */
function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  let at = value;
  for (const step of path) {
    if (Array.isArray(at)) at = /^\d+$/.test(step) ? at[Number(step)] : undefined;
    else if (isJsonObject(at) && Object.hasOwn(at, step)) at = at[step];
    else return undefined;
  }
  return at;
}

function settle(value: Json | undefined, path: readonly string[], fallback: string | undefined, missing: string): Resolved {
  const found = valueAt(value, path);
  if (found !== undefined) return { ok: true, value: found, warning: undefined };
  return fallback === undefined ? { ok: false, missing } : { ok: true, value: fallback, warning: undefined };
}

/** Strings come out bare; other json as compact json. */
function textOf(value: Json): string {
  return typeof value === "string" ? value : compactText(value);
}

function pathText(path: readonly string[]): string {
  return path.length === 0 ? "" : `/${path.join("/")}`;
}
