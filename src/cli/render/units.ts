import type { Json } from "../../model/json.ts";
import type { ExplainedKey, ExplainedUnits } from "../../unit/explain/explain.ts";
import type { Style } from "./style.ts";

/** Values that are longer than this do not push the comments of the others to the right. */
const COMMENT_COLUMN = 60;

/** Units as TOML, with the place of each value behind it: `# FILE:LINE`, or `# default`. */
export function unitLines({ items, settings }: ExplainedUnits, style: Style): string[] {
  const blocks = [
    { head: "[settings]", note: "", keys: settings },
    ...items.map(({ section, name, origin, keys }) => ({
      head: `[[${section}]]`,
      note: `${name}, ${origin === undefined ? "declared by its use alone" : `${origin.file}:${origin.line}`}`,
      keys,
    })),
  ];
  return blocks.flatMap(({ head, note, keys }, i) => [
    ...(i === 0 ? [] : [""]),
    `${style.bold(head)}${note === "" ? "" : ` ${style.dim(`# ${note}`)}`}`,
    ...keyLines(keys, style),
  ]);
}

function keyLines(keys: readonly ExplainedKey[], style: Style): string[] {
  const texts = keys.map(({ path, value }) => `${path.map(tomlKey).join(".")} = ${tomlValue(value)}`);
  const width = Math.max(0, ...texts.map(({ length }) => length).filter((length) => length <= COMMENT_COLUMN));
  return keys.map(({ source }, i) => `${(texts[i] ?? "").padEnd(width)}  ${style.dim(`# ${placeOf(source)}`)}`);
}

function placeOf(source: ExplainedKey["source"]): string {
  if (source.kind === "default") return "default";
  return `${source.file}:${source.line}${source.kind === "settings" ? " [settings]" : ""}`;
}

function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key);
}

/** Json's escapes are TOML's too; null, which TOML has not, stands as it is. */
function tomlValue(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, below]) => `${tomlKey(key)} = ${tomlValue(below)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
