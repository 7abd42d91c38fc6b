/** A piece of a row: its text decides the width, `paint` the colour. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** The space between columns. */
const GAP = 2;

/**
 * Lines of a table without frames. The last column is cut where the line would be wider than `columns`; no line ends
 * in spaces, so that it can be copied.
 */
export function renderTable(header: readonly string[], rows: readonly (readonly (string | Cell)[])[], columns: number): string[] {
  const cells = [header, ...rows].map((row) => row.map((cell) => (typeof cell === "string" ? { text: cell } : cell)));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.text.length ?? 0)));
  const last = header.length - 1;
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + GAP, 0);
  const room = Math.max(columns - before, (header[last] ?? "").length);
  return cells.map((row) =>
    row
      .map(({ text, paint = (plain: string) => plain }, column) => {
        if (column === last) return paint(cut(oneLine(text), room));
        return paint(oneLine(text)) + " ".repeat((widths[column] ?? 0) - text.length + GAP);
      })
      .join("")
      .trimEnd(),
  );
}

export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 3, 0))}...`;
}

/** A line end inside of a cell would break the table, other control characters the terminal. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}
