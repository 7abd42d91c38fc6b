import type { LaunchFailure } from "../model/exit.ts";
import type { LaunchPlan } from "./launcher.ts";

/** Linux takes at most 32 pages for one argument or one `NAME=value`, its closing NUL included (MAX_ARG_STRLEN). */
export const MAX_STRING_BYTES = 32 * 4_096 - 1;

/** What in the plan no kernel could take: a text cut short at a NUL, or a value too long, must not start a process with something else. */
export function planFlaw(plan: LaunchPlan): LaunchFailure | undefined {
  const fixed =
    textFlaw("the program", plan.program) ??
    textFlaw("its folder", plan.cwd) ??
    (plan.stdin === undefined ? undefined : textFlaw("its stdin", plan.stdin)) ??
    (plan.tty === undefined ? undefined : textFlaw("its terminal", plan.tty));
  if (fixed !== undefined) return fixed;
  for (const [index, arg] of plan.args.entries()) {
    const flaw = textFlaw(`argument ${index + 1}`, arg);
    if (flaw !== undefined) return flaw;
  }
  for (const [name, value] of Object.entries(plan.env)) {
    if (name === "" || name.includes("="))
      return { kind: "bad-plan", message: `${JSON.stringify(name)} cannot name an environment variable` };
    const flaw = textFlaw(`the environment variable ${JSON.stringify(name)}`, `${name}=${value}`);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function textFlaw(what: string, text: string): LaunchFailure | undefined {
  if (text.includes("\0")) return { kind: "bad-plan", message: `${what} holds a NUL byte, which no program can be given` };
  // No code unit takes more than three bytes: only long texts need to be counted.
  if (text.length * 3 <= MAX_STRING_BYTES) return undefined;
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_STRING_BYTES) return undefined;
  return {
    kind: "bad-plan",
    message: `${what} has ${bytes} bytes; the kernel takes at most ${MAX_STRING_BYTES}: hand large data over in a file`,
  };
}
