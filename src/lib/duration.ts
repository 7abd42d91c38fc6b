/** `250ms`, `5s`, `2m`, `1h30m`, `1d`: units once each, from large to small. */
export const DURATION_PATTERN =
  /^(?=\d)(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

const FACTORS = [86_400_000, 3_600_000, 60_000, 1_000, 1];

/** Milliseconds of a text that `DURATION_PATTERN` accepts; undefined for any other. */
export function parseDuration(text: string): number | undefined {
  const parts = DURATION_PATTERN.exec(text);
  if (parts === null) return undefined;
  return FACTORS.reduce((sum, factor, i) => sum + Number(parts[i + 1] ?? 0) * factor, 0);
}

/** The shortest exact text: `1m30s`, `250ms`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return "forever";
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  const units: readonly [string, number][] = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
  ];
  let rest = ms;
  let text = "";
  for (const [unit, factor] of units) {
    const count = Math.floor(rest / factor);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * factor;
  }
  return rest > 0 ? `${text}${Number((rest / 1_000).toFixed(3))}s` : text;
}
