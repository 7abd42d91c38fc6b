/** Colours, and what takes them away again. */
const STYLE = String.raw`\u001b\[(?!8m)\d{1,2}m`;
const HARMFUL = new RegExp(String.raw`(${STYLE})|(?![\n\t])\p{Cc}`, "gu");

/**
 * Text for a terminal: names, keys and reasons hold what any client and process has made up, and control characters in it would move the cursor, name
 * the window or type into the shell of whoever looks.
 */
export function harmless(text: string): string {
  return text.replace(HARMFUL, (_, style: string | undefined) => style ?? "?");
}
