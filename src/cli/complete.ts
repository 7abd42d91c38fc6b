import type { Command } from "commander";
import { connectControl } from "../control/client.ts";
import { findSocket } from "../control/find-socket.ts";
import type { Context } from "./context.ts";

/** What the words after each verb name. */
const NAMED_BY: Readonly<Record<string, "services" | "states" | "signals" | "variables" | "all">> = {
  emit: "signals",
  set: "states",
  unset: "states",
  get: "states",
  status: "services",
  start: "services",
  stop: "services",
  restart: "services",
  reload: "services",
  kill: "services",
  stats: "services",
  graph: "services",
  logs: "services",
  why: "all",
  trace: "all",
  events: "all",
  var: "variables",
};
/** Of these verbs only the first word is a name. */
const ONE_NAME = new Set(["emit", "set", "unset", "get", "status", "stats", "why", "trace", "var"]);

/** Candidates for the last of `words` (those behind the program's own), in order of the alphabet. */
export async function completions(program: Command, words: readonly string[], context: Context): Promise<string[]> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const verb = before.map((word) => program.commands.find((command) => command.name() === word)).find((found) => found !== undefined);
  const candidates = current.startsWith("-") ? optionsOf(program, verb) : await wordsFor(program, verb, before, context);
  return [...new Set(candidates)].filter((candidate) => candidate.startsWith(current)).sort();
}

function optionsOf(program: Command, verb: Command | undefined): string[] {
  const all = [...(verb ?? program).options, ...program.options].filter((option) => !option.hidden);
  return [...all.map((option) => option.long ?? option.short ?? ""), "--help"];
}

async function wordsFor(
  program: Command,
  verb: Command | undefined,
  before: readonly string[],
  context: Context,
): Promise<readonly string[]> {
  if (verb === undefined)
    return program
      .createHelp()
      .visibleCommands(program)
      .map((command) => command.name());
  if (verb.name() === "help") return program.commands.map((command) => command.name());
  const choices = verb.registeredArguments[0]?.argChoices;
  if (choices !== undefined) return choices;
  const kind = NAMED_BY[verb.name()];
  const given = before.slice(before.indexOf(verb.name()) + 1).filter((word) => !word.startsWith("-"));
  if (kind === undefined || (ONE_NAME.has(verb.name()) && given.length > 0)) return [];
  const names = await namesOf(kind, before, context);
  return names.filter((name) => !given.includes(name));
}

/** From the daemon; none where it does not answer, for nobody wants an error in the middle of typing. */
async function namesOf(
  kind: "services" | "states" | "signals" | "variables" | "all",
  before: readonly string[],
  context: Context,
): Promise<string[]> {
  try {
    const { env, cwd, uid } = context.terminal;
    const socketAt = before.indexOf("--socket");
    const option = socketAt < 0 ? context.socketOption() : before[socketAt + 1];
    const client = await connectControl(findSocket({ option, env, cwd, uid }));
    try {
      if (kind === "variables") return (await client.call("flow.variables", {})).map(({ name }) => name);
      const listing = await client.call("system.list", {});
      const lists = kind === "all" ? [listing.services, listing.states, listing.signals] : [listing[kind]];
      return lists.flatMap((list) => list.flatMap(({ name }) => [name, ...name.split("/").slice(0, 1)]));
    } finally {
      client.close();
    }
  } catch {
    return [];
  }
}
