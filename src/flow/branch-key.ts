import { isJsonObject, type Json } from "../model/json.ts";
import { ownField, scalarText } from "./payload.ts";

/*
 * How a branch is named: its identity fields as texts, and the key under which the store keeps it.
 *
 * The key of the unnamed branch is empty; of a state with one identity field it is the text of that field; of several it is each
 * text with its length before it, so that no two lists of texts can give the same key.
 */

/** Texts over fixed columns; a hole where a payload does not carry the field. */
export type TextRecord = readonly (string | undefined)[];

export const UNNAMED = "";

/** What a payload carries in these fields. A field that is undefined is a column of which it never carries anything. */
export function recordOf(payload: Json, fields: readonly (string | undefined)[]): TextRecord {
  if (!isJsonObject(payload)) return fields.map(() => undefined);
  return fields.map((field) => (field === undefined ? undefined : scalarText(ownField(payload, field))));
}

/** The key of a branch with these identity texts: UNNAMED if there are none, undefined if there are only some. */
export function keyOfRecord(record: TextRecord): string | undefined {
  if (record.length === 1) return record[0] ?? UNNAMED;
  let key = "";
  let present = 0;
  for (const text of record) {
    if (text === undefined) continue;
    present++;
    key += `${text.length}:${text}`;
  }
  return present === record.length || present === 0 ? key : undefined;
}

/** The identity texts behind a key of a state with so many identity fields. */
export function recordOfKey(key: string, width: number): TextRecord {
  if (width === 1) return [key === UNNAMED ? undefined : key];
  const texts: (string | undefined)[] = [];
  for (let at = 0; texts.length < width; ) {
    const colon = key.indexOf(":", at);
    if (colon < 0) texts.push(undefined);
    else {
      const end = colon + 1 + Number(key.slice(at, colon));
      texts.push(key.slice(colon + 1, end));
      at = end;
    }
  }
  return texts;
}

/** The branch for people: the text of its one identity field, `user=al,tty=1` for several, empty for the unnamed branch. */
export function displayKey(plan: { readonly identity: readonly string[] }, payload: Json): string {
  const texts = recordOf(payload, plan.identity);
  if (texts.length === 1) return texts[0] ?? UNNAMED;
  return plan.identity.flatMap((field, i) => (texts[i] === undefined ? [] : [`${field}=${texts[i]}`])).join(",");
}
