import type { Item } from "./collect-items.ts";
import { itemOf } from "./names.ts";
import { type Problem, reportInto, type SourceFile, type UnreadFile } from "./problem.ts";

/**
 * Items that a drop-in may lie over of which not all could be read, and those that take fields over from them: nobody knows as whom such a service is to run,
 * or for whom such a state is. As they are without it they must not be run; in a degraded load they are left out (SPEC 2).
 * `extended`: the items with every `extends` carried out.
 */
export function uncertainItems(items: readonly Item[], extended: readonly Item[], uncertain: readonly UnreadFile[]): readonly Problem[] {
  const dropIns = uncertain.filter(({ dropIn }) => dropIn);
  const lost = new Map(
    items.flatMap(({ name, group, layers }) => {
      const file = name === undefined ? undefined : dropIns.find((each) => each.group === group && mayBeAbout(each, itemOf(name)));
      return file === undefined ? [] : layers.map((layer) => [layer, file] as const);
    }),
  );
  const problems: Problem[] = [];
  for (const { layers } of extended) {
    const file = layers.map((layer) => lost.get(layer)).find((each) => each !== undefined);
    if (file !== undefined) reportInto(problems, layers).error([], `what ${file.name} says of it could not be read`);
  }
  return problems;
}

/** Files that can be read, and hold something that is no item, or one without a name: a misspelt section hides what lies in it. */
export function garbledFiles(items: readonly Item[], problems: readonly Problem[]): readonly SourceFile[] {
  const outside = problems.flatMap(({ severity, layers }) => (severity === "error" ? layers.filter(({ path }) => path.length === 0) : []));
  const nameless = items.flatMap(({ name, layers }) => (name === undefined ? layers : []));
  return [...outside, ...nameless].map(({ file }) => file);
}

/** Whether the text can name it: with a backslash a name can be written in any way. */
function mayBeAbout({ text }: UnreadFile, item: string): boolean {
  return text === undefined || text.includes(item) || text.includes("\\");
}
