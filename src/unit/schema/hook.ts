import * as z from "zod";
import { list, oneOfKeys, refused, table, word } from "./build.ts";
import { filledText, json, jsonTable, reference, text } from "./values.ts";

const payload = json.describe('What it carries; { from = "exit" } or { from = "state:..." } is filled in when it fires.').optional();
const yes = z.literal(true, { error: "true" }).describe("Only true makes sense.");
const PHRASE = 'a trigger: a table with "signal", "state", "service", "script" or "exec"';

/** One trigger; `extra` are the keys that all kinds of it may have. */
function trigger<E extends z.ZodRawShape>(extra: E) {
  return z.union(
    [
      table({ signal: reference.describe("Emits this signal."), payload, ...extra }),
      table({ state: reference.describe("Sets this state."), payload, ...extra }),
      table({
        state: reference.describe("Unsets this state."),
        unset: yes.describe("Unset it, do not set it."),
        filter: z.union([text, jsonTable], { error: "text or a table" }).optional().describe("Only the branches that match."),
        ...extra,
      }),
      oneOfKeys(
        table({
          service: reference.describe("Acts on this service."),
          action: word(["start", "stop", "restart", "reload"]).optional().describe("What is done with it."),
          stop: yes.optional().describe('The same as action = "stop".'),
          ...extra,
        }),
        ["action", "stop"],
        1,
      ),
      table({ script: filledText.describe("Code for sh -c; it has 30 seconds."), ...extra }),
      table({
        exec: filledText.describe("Program to run; it has 30 seconds."),
        args: list(text, "texts").optional().describe("Its arguments."),
        ...extra,
      }),
      table({ timer: refused("Starts or stops a timer."), stop: yes.optional(), ...extra }),
      table({ socket: refused("Starts or stops a socket."), stop: yes.optional(), ...extra }),
    ],
    { error: PHRASE },
  );
}

const hook = trigger({}).meta({ id: "hook" });

const stopHook = trigger({ when: word(["success", "failure"]).optional().describe("Only after such an end.") }).meta({ id: "stop-hook" });

/** `on-start`, `on-ready` and `on-fail`. */
export const hooks = list(hook, "triggers");

/** `on-stop`: its triggers can depend on how the process ended. */
export const stopHooks = list(stopHook, "triggers");

export type RawHook = z.output<typeof stopHook>;
