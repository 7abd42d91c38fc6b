import { type Action, BadWordError, type CommandWords } from "./command-words.ts";

interface Option {
  readonly key: string;
  readonly takesValue: boolean;
  readonly read: (text: string) => unknown;
}

/** A command that reads plain words: options one by one, each as it is declared, and everything else an argument. What it does not know for sure it leaves to commander. */
export class PlainCommand implements CommandWords {
  readonly #arguments: { readonly isRequired: boolean; readonly isList: boolean }[] = [];
  /** By each of its forms. */
  readonly #options = new Map<string, Option>();
  readonly #given: Record<string, unknown> = {};
  #act: Action = () => {};

  description(): this {
    return this;
  }

  argument(form: string): this {
    this.#arguments.push({ isRequired: form.startsWith("<"), isList: form.includes("...") });
    return this;
  }

  option(form: string, _description: string, readOr?: unknown, otherwise?: unknown): this {
    const [names = "", value] = form.split(/ (?=<)/);
    const forms = names.split(", ");
    const key = (forms.at(-1) ?? "").replace(/^--/, "").replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const isReader = typeof readOr === "function";
    const option = {
      key,
      takesValue: value !== undefined,
      read: isReader ? (text: string): unknown => readOr(text) : (text: string) => text,
    };
    for (const each of forms) this.#options.set(each, option);
    const fallback = isReader ? otherwise : readOr;
    if (fallback !== undefined) this.#given[key] = fallback;
    return this;
  }

  action(act: Action): this {
    this.#act = act;
    return this;
  }

  /** The command, ready to run; undefined: these words are not plain. */
  read(words: readonly string[]): (() => void | Promise<void>) | undefined {
    const given = { ...this.#given };
    const texts: string[] = [];
    for (let at = 0; at < words.length; at++) {
      const word = words[at] ?? "";
      if (!isOption(word)) {
        texts.push(word);
        continue;
      }
      const option = this.#options.get(word);
      if (option === undefined) return undefined;
      if (!option.takesValue) {
        given[option.key] = true;
        continue;
      }
      at += 1;
      const value = words[at];
      if (value === undefined || isOption(value)) return undefined;
      try {
        given[option.key] = option.read(value);
      } catch (error) {
        if (!(error instanceof BadWordError)) throw error;
        return undefined;
      }
    }
    const values = this.#valuesOf(texts);
    if (values === undefined) return undefined;
    return () => this.#act(...values, given);
  }

  #valuesOf(texts: readonly string[]): readonly unknown[] | undefined {
    const isList = this.#arguments.at(-1)?.isList === true;
    if (texts.length > this.#arguments.length && !isList) return undefined;
    if (this.#arguments.some(({ isRequired }, i) => isRequired && texts[i] === undefined)) return undefined;
    return this.#arguments.map((argument, i) => (argument.isList ? texts.slice(i) : texts[i]));
  }
}

/** A lone `-` is stdin. */
function isOption(word: string): boolean {
  return word.startsWith("-") && word !== "-";
}
