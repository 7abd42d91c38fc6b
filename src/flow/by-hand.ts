import type { Change, Write } from "../model/change.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { keyOfRecord, recordOf, UNNAMED } from "./branch-key.ts";
import { emptyPayload, equalJson, isSubset, mergePayload, payloadText } from "./payload.ts";
import type { StateNode } from "./state-node.ts";
import { bareBranch, branchFor, branchIfFit, canBeBare, isStorable } from "./validate.ts";

/*
 * Changes of what is set by hand, which is all that is ever stored. What is to be seen follows later, when the state is settled.
 *
 * Changes come here checked; each that makes a difference is one write.
 */

export function setByHand(node: StateNode, { payload: given, replace }: Change & { readonly op: "set" }, writes: Write[]): void {
  // Refused while it is not in use; in a step whose earlier change took it out of use there is nothing left to do.
  if (given === undefined && (isInUse(node) || !canBeBare(node.plan))) return;
  const { key, payload } = given === undefined ? bareBranch(node.plan) : branchFor(node.plan, given);
  if (key === UNNAMED) node.auto?.setByHand(given === undefined);
  put(node, key, replace ? payload : mergePayload(node.manual.get(key), payload), writes);
}

/** Whether a set without payload has nothing to add. What carries no payload anyway can always be set by hand, too. */
export function isInUse({ plan, manual, supports }: StateNode): boolean {
  return plan.kind !== "none" && (manual.size > 0 || supports.size > 0);
}

/** `filter` has passed `checkFilter`; it is judged on what is to be seen of a branch, or on what is kept while that is masked. */
export function unsetByHand(node: StateNode, filter: Json | undefined, writes: Write[]): void {
  for (const key of keysToTry(node, filter)) {
    const manual = node.manual.get(key);
    if (manual !== undefined && selects(filter, node.branches.get(key) ?? manual)) remove(node, key, writes);
  }
}

/** Makes one branch of a state that Rind keeps itself what it is told to be. */
export function keep(node: StateNode | undefined, key: string, payload: Json | undefined): void {
  if (node === undefined) return;
  if (payload === undefined) node.manual.delete(key);
  else node.manual.set(key, payload);
  node.touch(key);
}

/** Makes one branch of an imported state what the system's daemon says. What has no place here was told before this daemon knew of it. */
export function mirror(node: StateNode | undefined, key: string, payload: Json | undefined, writes: Write[]): void {
  if (node?.plan.imported !== true) return;
  if (payload === undefined) {
    if (node.manual.has(key)) remove(node, key, writes);
  } else if (isStorable(node.plan, key, payload)) put(node, key, payload, writes);
}

/** Takes the answer of an auto-payload command; undefined: it failed. An answer that nobody waits for is dropped. */
export function answerAuto(node: StateNode | undefined, payload: Json | undefined, writes: Write[]): void {
  if (node?.auto?.isDue !== true) return;
  const failed = { key: UNNAMED, payload: emptyPayload(node.plan.kind) };
  const answer = payload === undefined ? failed : (branchIfFit(node.plan, payload) ?? failed);
  node.touch(UNNAMED);
  if (!node.auto.take(answer)) return;
  if (answer.key !== UNNAMED) remove(node, UNNAMED, writes);
  put(node, answer.key, mergePayload(node.manual.get(answer.key), answer.payload), writes);
}

function put(node: StateNode, key: string, payload: Json, writes: Write[]): void {
  const isNews = !equalJson(node.manual.get(key), payload);
  if (isNews) {
    node.manual.set(key, payload);
    writes.push({ state: node.plan.name, key, payload });
  }
  // The payload may be what it was and yet no longer be waited for.
  if (isNews || node.auto !== undefined) node.touch(key);
}

function remove(node: StateNode, key: string, writes: Write[]): void {
  node.manual.delete(key);
  writes.push({ state: node.plan.name, key, payload: undefined });
  node.touch(key);
}

function selects(filter: Json | undefined, payload: Json): boolean {
  if (filter === undefined) return true;
  return typeof filter === "string" ? payloadText(payload) === filter : isSubset(filter, payload);
}

/** An object that names the whole identity can only be about one branch. */
function keysToTry({ plan, manual }: StateNode, filter: Json | undefined): readonly string[] {
  if (isJsonObject(filter) && plan.identity.length > 0) {
    const key = keyOfRecord(recordOf(filter, plan.identity));
    if (key !== undefined && key !== UNNAMED) return [key];
  }
  return [...manual.keys()];
}
