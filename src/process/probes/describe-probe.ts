import { isIPv6 } from "node:net";
import type { ProbeDecl } from "../../model/unit-set.ts";

/** How much of a command is shown. */
const SHOWN = 60;

/** What a probe looks at or is told, in words. */
export function describeProbe(probe: ProbeDecl): string {
  switch (probe.kind) {
    case "exec": {
      const shell = probe.program === "sh" && probe.args[0] === "-c" ? probe.args[1] : undefined;
      return `exec ${shorten(shell ?? [probe.program, ...probe.args].join(" "))}`;
    }
    case "http":
      return `${probe.scheme} ${address(probe)}${probe.path}`;
    case "tcp":
      return `tcp ${address(probe)}`;
    case "unix":
      return `unix ${probe.path}`;
    case "notify":
      return "READY=1 on its notify socket";
    case "log":
      return `a line that matches /${probe.pattern}/`;
  }
}

function address({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function shorten(text: string): string {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length <= SHOWN ? line : `${line.slice(0, SHOWN - 1)}…`;
}
