/** Turns problems into diagnostics: finds line and column, drops what is said twice, and sorts by file, line and column. */
import type { Diagnostic } from "../errors/unit-error.ts";
import type { Location, PositionIndex } from "./locate.ts";
import type { Problem, SourceFile } from "./problem.ts";

/** `placed` have their place already; `fileNames` gives the order. With `strict` warnings become errors. */
export async function placeProblems(
  problems: readonly Problem[],
  placed: readonly Diagnostic[],
  fileNames: readonly string[],
  strict: boolean,
): Promise<Diagnostic[]> {
  const order = new Map(fileNames.map((name, index) => [name, index]));
  const found: Diagnostic[] = [...placed];
  if (problems.length > 0) found.push(...problems.map(await placer()));
  const all = found.map((each): Diagnostic => (strict ? { ...each, severity: "error" } : each));
  all.sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.line - b.line || a.column - b.column);
  return dropRepeats(all);
}

/** Finds the place of a problem; looks at each file once. */
export async function placer(): Promise<(problem: Problem) => Diagnostic> {
  const { indexPositions } = await import("./locate.ts");
  const indexes = new Map<SourceFile, PositionIndex>();
  return (problem) => placeOne(problem, (file) => remember(indexes, file, () => indexPositions(file.text)));
}

/** Of several layers the one that has most of the path is meant, and of these the last: it lies on top. */
function placeOne(problem: Problem, indexOf: (file: SourceFile) => PositionIndex): Diagnostic {
  let best: (Location & { file: string }) | undefined;
  for (const layer of problem.layers) {
    const path = layer.at?.(problem.path) ?? [...layer.path, ...problem.path];
    const location = indexOf(layer.file)(path, problem.atKey);
    const depth = layer.at === undefined ? location.depth - layer.path.length : location.depth === path.length ? problem.path.length : 0;
    if (best === undefined || depth >= best.depth) best = { ...location, depth, file: layer.file.name };
  }
  const { severity, message, hint } = problem;
  return { severity, file: best?.file ?? "", line: best?.line ?? 1, column: best?.column ?? 1, message, hint };
}

function remember<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** A field that several services take over with `extends` is wrong once. */
function dropRepeats(sorted: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return sorted.filter(({ file, line, column, message }) => {
    const id = JSON.stringify([file, line, column, message]);
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}
