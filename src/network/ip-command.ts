import { findProgram } from "../process/find-program.ts";
import { runCommand } from "../process/run-command.ts";

/** What can be done to the network: words for ip(8). Answers what went wrong; undefined: it is done. */
export type Ip = (words: readonly string[]) => Promise<string | undefined>;

const TIMEOUT_MS = 10_000;

/** The `ip` of iproute2 or of busybox, looked up in `searchPath` at each use. */
export function ipCommand(searchPath: string): Ip {
  const env = { PATH: searchPath };
  return async (words) => {
    const own = findProgram("ip", searchPath, "/");
    const found = own.ok ? own : findProgram("busybox", searchPath, "/");
    if (!found.ok) return "there is no program ip, and no busybox: install iproute2";
    const said: string[] = [];
    const { exit, timedOut, failure } = await runCommand({
      owner: "network",
      program: found.path,
      args: own.ok ? words : ["ip", ...words],
      env,
      cwd: "/",
      timeoutMs: TIMEOUT_MS,
      maxOutput: 0,
      onLine: (_, line) => said.push(line.toString("utf8")),
    });
    if (failure === undefined && !timedOut && exit?.kind === "code" && exit.code === 0) return undefined;
    const why = failure?.message ?? (timedOut ? `it took longer than ${TIMEOUT_MS / 1_000}s` : said.join("; "));
    return `ip ${words.join(" ")}: ${why}`;
  };
}
