import { readChildren } from "../../src/lib/proc.ts";
import { inPrivateRoot, rindBy, type Root, type RootOptions } from "./machine-rig.ts";

/** What makes containers does this before the program of the image is the first process. */
const RUNTIME =
  "mount -t proc proc /proc && ln -s /proc/self/fd /dev/fd && chmod 755 / && chmod 1777 /tmp && ip link set lo up && cd /app || exit";

/** With a terminal the first process has it to itself, as with `docker run -it`. */
const LEADER = 'exec setsid -c "$@"';

/** Not root, as `docker run --user 4711` has it, and nobody that the image knows. */
export const AS_4711 = "setpriv --reuid 4711 --regid 4711 --clear-groups";

/** Root as `docker run` has it unless more is asked for: no CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_SYS_BOOT, CAP_NET_ADMIN. */
export const WITH_FEW_RIGHTS = `setpriv --bounding-set -all,${[
  "+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap",
  "+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap",
].join(",")}`;

/** What `docker exec` does is what `sh` and `rind` do: in its WORKDIR, /app. */
export interface Container extends Root {
  /** What `docker kill --signal` does. */
  kill(killSignal: NodeJS.Signals): Promise<void>;
}

export interface ContainerOptions extends Partial<Pick<RootOptions, "terminal" | "disk">> {
  /** What stands behind the image's name on the command line; default: up. */
  readonly words?: string;
  /** Shell code that becomes the entry point, which is its `"$@"`; default: it is called as it is, where there is a terminal as its owner. */
  readonly entry?: string;
  /** By path, beside the units. */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * `rind up` as the entry point of a container, with these units in /app/flows: all namespaces and a root of its own, in which there is nothing but
 * /usr and Rind: no /etc/passwd, no /etc/hosts, no home. The environment is a PATH.
 */
export function container(
  units: string,
  { words = "up", terminal = false, entry = terminal ? LEADER : 'exec "$@"', files = {}, ...more }: ContainerOptions = {},
): Container {
  const given = { "app/flows/g.toml": units, ...files };
  const root = inPrivateRoot(words, { files: given, writable: "/", entry: `${RUNTIME}; ${entry}`, terminal, ...more });
  const sh = (command: string): ReturnType<Root["sh"]> => root.sh(`cd /app || exit; ${command}`);
  return {
    ...root,
    sh,
    rind: rindBy(sh),
    kill: async (killSignal) => {
      process.kill(await root.first(), killSignal);
    },
  };
}

/** Everything that runs in it, as this machine counts. */
export async function pidsIn(container: Container): Promise<readonly number[]> {
  const below = (pid: number): readonly number[] => [pid, ...readChildren({ pid, threads: 2 }).flatMap(below)];
  return below(await container.first());
}

/** A service that says `NAME up` when it is ready, and `NAME ends` when it is asked to end. */
export function server(name: string, more = ""): string {
  const code = `trap 'echo ${name} ends; exit 0' TERM; echo ${name} up; while :; do sleep 0.05; done`;
  return `[[service]]\nname = "${name}"\nrun.shell = ${JSON.stringify(code)}\nready.log = "up$"\n${more}\n`;
}

/** One that runs once. */
export function task(name: string, code: string, more = ""): string {
  return `[[service]]\nname = "${name}"\ntype = "oneshot"\nrestart = "no"\nrun.shell = ${JSON.stringify(code)}\n${more}\n`;
}
