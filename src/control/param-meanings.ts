/** What the schemas of params ask of a value beyond its type, by name, for their outline. Nothing here knows zod. */

/** Whatever json has made: its size and depth are checked apart. */
export function isGiven(value: unknown): boolean {
  return value !== undefined;
}
