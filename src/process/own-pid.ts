import type { LaunchPlan } from "./launcher.ts";

/** What a shell can have as a variable; it hands on no others. */
const IDENTIFIER = /^[A-Za-z_]\w*$/;

/**
 * The words that start a program with variables that hold its own pid, which is known to nobody before the process is there: a shell sets them and
 * becomes the program. Everything else in the environment stays as it is, also what a shell would drop, and `PWD`, which it would set.
 */
export function withOwnPid(
  path: string,
  { args, env, pidVariables = [] }: LaunchPlan,
): { readonly program: string; readonly args: readonly string[] } {
  if (pidVariables.length === 0) return { program: path, args };
  const own = pidVariables.map((name) => `${name}=$$`).join(" ");
  const pwd = env["PWD"] === undefined ? "unset PWD" : `export PWD=${quoted(env["PWD"])}`;
  const odd = Object.entries(env).flatMap(([name, value]) => (IDENTIFIER.test(name) ? [] : [`${name}=${value}`]));
  const words = odd.length === 0 ? [path, ...args] : ["/usr/bin/env", ...odd, path, ...args];
  return { program: "/bin/sh", args: ["-c", `export ${own}; ${pwd}; exec "$@"`, "sh", ...words] };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
