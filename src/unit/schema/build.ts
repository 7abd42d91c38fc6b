/**
 * The bricks of which the schemas of unit files are made. They own how a mistake is put into words: the message of a schema is the noun
 * phrase that completes `"KEY" must be ..., not ...`; a refinement with `params: SENTENCE` carries a whole sentence. Of `table` it is the
 * list of its keys where the mistake is a key that it does not know.
 */
import * as z from "zod";

// zod would compile a function for each schema, which takes longer than to check a hundred units without
z.config({ jitless: true });

/** Given to a refinement: its message is a whole sentence. */
export const SENTENCE = { sentence: true };

/** The message of what is not supported yet; the words are composed where the key is known. */
export const NOT_YET = "";

/** A TOML table with exactly these keys. `phrase` completes `must be`. */
export function table<S extends z.ZodRawShape>(shape: S, phrase = "a table") {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(" ") : phrase),
  });
}

/** A list of `item`. An empty one means that the key was not given. */
export function list<T extends z.ZodType>(item: T, of: string) {
  return z.array(item, { error: `a list of ${of}` });
}

/** One of `words`, in kebab-case or snake_case. Words in `later` are refused as not supported yet. */
export function word<const W extends string>(words: readonly W[], later: readonly string[] = []) {
  const spellings = words.flatMap((each) => (each.includes("-") ? [each, each.replaceAll("-", "_")] : [each]));
  const quoted = words.map((each) => `"${each}"`);
  const phrase = [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter(Boolean).join(" or ");
  return z
    .enum([...spellings, ...later], { error: phrase })
    .meta({ enum: spellings })
    .transform((value, context) => {
      const found = words.find((each) => each === value.replaceAll("_", "-"));
      if (found !== undefined) return found;
      context.addIssue({ code: "custom", message: `"${value}" is not supported yet`, params: SENTENCE });
      return z.NEVER;
    });
}

/**
 * A key that has its place in the language but is not built: giving it is an error, in the parser and in the JSON Schema alike.
 * To build it, replace this by the schema of the field.
 */
export function notYet(description: string) {
  return refused(description).optional();
}

/** As `notYet`, for a key that tells what its table is: it is required there, so that no table without it passes for one. */
export function refused(description: string) {
  return z.never({ error: NOT_YET }).describe(`Not supported yet. ${description}`);
}

/** As `notYet`, of a key that takes a list: an empty one means that it was not given, and so is no error. */
export function notYetList(description: string) {
  return z
    .array(z.never({ error: NOT_YET }), { error: NOT_YET })
    .max(0, { error: NOT_YET })
    .optional()
    .describe(`Not supported yet. ${description}`);
}

/**
 * Refuses tables in which more than one, or fewer than `least`, of `keys` are given. Told to the JSON Schema through `oneOfKeys`. May lie
 * around itself, for other keys.
 */
export function oneOfKeys<T extends z.ZodObject>(schema: T, keys: readonly string[], least: 0 | 1): T {
  const quoted = keys.map((key) => `"${key}"`).join(", ");
  return schema
    .refine((value) => keys.filter((key) => value[key] !== undefined).length <= 1, {
      error: `only one of ${quoted} can be given`,
      params: SENTENCE,
      when: isTable,
    })
    .refine((value) => least === 0 || keys.some((key) => value[key] !== undefined), {
      error: `one of ${quoted} is missing`,
      params: SENTENCE,
      when: isTable,
    })
    .meta({ oneOfKeys: [...rulesOf(schema), { keys, least }] });
}

function rulesOf(schema: z.ZodType): readonly unknown[] {
  const rules = schema.meta()?.["oneOfKeys"];
  return Array.isArray(rules) ? rules : [];
}

function isTable(payload: { value: unknown }): boolean {
  return typeof payload.value === "object" && payload.value !== null && !Array.isArray(payload.value);
}
