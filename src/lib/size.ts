/** `16MiB`, `10MB`, `1.5 GiB`, `512B`: a number with a unit of bytes, binary (KiB) or decimal (kB). */
export const SIZE_PATTERN = /^(\d+(?:\.\d+)?) ?(B|[kK]B|MB|GB|TB|[kK]iB|MiB|GiB|TiB)$/;

const POWERS = ["B", "K", "M", "G", "T"];

/** Bytes of a text that `SIZE_PATTERN` accepts; undefined for any other. */
export function parseSize(text: string): number | undefined {
  const [, number, unit = "B"] = SIZE_PATTERN.exec(text) ?? [];
  if (number === undefined) return undefined;
  const base = unit.endsWith("iB") ? 1_024 : 1_000;
  return Math.round(Number(number) * base ** POWERS.indexOf(unit.charAt(0).toUpperCase()));
}
