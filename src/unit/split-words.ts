/**
 * The words of a command as a shell would see them, without a shell: blanks separate, quotes and backslashes join. Nothing is expanded.
 * undefined: a quote or a backslash is left open.
 */
export function splitWords(command: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let i = 0; i < command.length; i++) {
    const char = command.charAt(i);
    if (quote === undefined && /\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === quote) {
      quote = undefined;
    } else if (quote === undefined && (char === "'" || char === '"')) {
      quote = char;
      word ??= "";
    } else if (char === "\\" && quote !== "'") {
      const next = command.charAt(i + 1);
      if (next === "") return undefined;
      const escapes = quote === undefined || next === '"' || next === "\\" || next === "$" || next === "`";
      word = (word ?? "") + (escapes ? next : char + next);
      i += 1;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote !== undefined) return undefined;
  return word === undefined ? words : [...words, word];
}
