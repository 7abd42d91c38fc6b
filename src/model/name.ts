/** What a group or an item may be called (SPEC 2). Both parts of `group@item` follow it. */
export const NAME_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
export const NAME_MAX_LENGTH = 128;

export function isName(text: string): boolean {
  return text.length <= NAME_MAX_LENGTH && NAME_PATTERN.test(text);
}

/** The name of one instance: the service's own, or `GROUP@ITEM/KEY` for the instance of a branching service. */
export function instanceName(service: string, key: string): string {
  return key === WHOLE ? service : `${service}/${key}`;
}

/** The key of the only instance of a service that does not branch. No branch can have it: identity fields are never empty. */
export const WHOLE = "";

/** Takes `GROUP@ITEM/KEY` apart; a KEY may hold any character, also `/`. */
export function splitInstance(name: string): { service: string; key: string } {
  const slash = name.indexOf("/");
  return slash < 0 ? { service: name, key: WHOLE } : { service: name.slice(0, slash), key: name.slice(slash + 1) };
}
