/** The services that networks with `method = "dhcp"` become: the host's own client, kept running while there is the interface. */
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { AS_THE_DAEMON } from "../model/as-the-daemon.ts";
import type { NetworkDecl, ProgramCall, ServiceDecl } from "../model/unit-set.ts";
import { type Checked, isDhcp } from "./check-items.ts";
import { emptyService } from "./placeholders.ts";
import { resolveRestart } from "./resolve/restart.ts";
import { DHCLIENT, UDHCPC } from "./dhcp-scripts.ts";

/** Where a machine has its clients, whatever PATH says. */
const FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** A server that does not answer now does so some day. */
const MAX_DELAY_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

/** `networks` are those without mistakes; the service of any other holds its place. */
export function dhcpClients(
  checked: readonly Checked<unknown>[],
  networks: readonly NetworkDecl[],
  env: NodeJS.ProcessEnv,
): readonly ServiceDecl[] {
  const byName = new Map(networks.map((decl) => [decl.name, decl]));
  const dns = networks.flatMap((decl) => decl.dns);
  return checked.flatMap(({ item, name }) => {
    if (!isDhcp(item)) return [];
    const decl = byName.get(name);
    return [decl === undefined ? emptyService(name) : client(decl, dns, env)];
  });
}

/** `dns`: name servers that units declare, which go before those that the server names. */
function client({ name, interface: its, origin }: NetworkDecl, dns: readonly string[], env: NodeJS.ProcessEnv): ServiceDecl {
  return {
    ...emptyService(name),
    run: {
      ...clientCall(its, env),
      env: { RIND_DNS: dns.join(" ") },
      envFiles: [],
      cwd: "/",
      stdin: undefined,
      reload: undefined,
      ...AS_THE_DAEMON,
    },
    startOn: [{ kind: "state", name: "net@interface", match: [{ kind: "as", value: { name: its } }] }],
    class: "system",
    restart: { ...resolveRestart(true, undefined), maxDelayMs: MAX_DELAY_MS },
    stopTimeoutMs: STOP_TIMEOUT_MS,
    log: { lines: 1_000, file: undefined, maxSize: Number.POSITIVE_INFINITY, keep: 0 },
    origin,
  };
}

/** Where there is none, that of the first is asked for, and the start says that it is missing. */
function clientCall(its: string, env: NodeJS.ProcessEnv): ProgramCall {
  const folders = [...(env["PATH"] ?? "").split(":").filter(Boolean), ...FOLDERS];
  const find = (program: string): string | undefined => folders.map((folder) => join(folder, program)).find(isProgram);
  const udhcpc = find("udhcpc");
  const dhclient = find("dhclient");
  const busybox = find("busybox");
  const shell = (code: string, ...words: readonly string[]): ProgramCall => ({ program: "sh", args: ["-c", code, "sh", ...words] });
  if (udhcpc !== undefined) return shell(UDHCPC.start, UDHCPC.script, udhcpc, "-f", "-i", its);
  if (dhclient !== undefined) return shell(DHCLIENT.start, dhclient, its);
  if (busybox !== undefined) return shell(UDHCPC.start, UDHCPC.script, busybox, "udhcpc", "-f", "-i", its);
  return { program: "udhcpc", args: ["-f", "-i", its] };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
