const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** How long ago, in its two largest units: `3d4h`, `2m5s`, `12s`, `0s`. */
export function age(sinceMs: number, nowMs: number): string {
  let rest = Math.max(nowMs - sinceMs, 0);
  const first = UNITS.findIndex(([, size]) => rest >= size);
  if (first < 0) return "0s";
  let text = "";
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

/** Local time of day with milliseconds; the date too where it is not that of `nowMs`. */
export function clockTime(timeMs: number, nowMs: number): string {
  const time = new Date(timeMs);
  const two = (part: number) => String(part).padStart(2, "0");
  const ofDay = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, "0")}`;
  if (time.toDateString() === new Date(nowMs).toDateString()) return ofDay;
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${ofDay}`;
}
