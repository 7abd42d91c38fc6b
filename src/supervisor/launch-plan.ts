import { instanceName, WHOLE } from "../model/name.ts";
import type { ServiceDecl, Settings } from "../model/unit-set.ts";
import type { Identity, LaunchPlan } from "../process/launcher.ts";
import type { Injection } from "../service/transport.ts";
import type { Instance } from "./instance.ts";
import { needsNotifySocket } from "./needs-notify-socket.ts";

/** What every process of this daemon gets, whatever its unit says. */
export interface LaunchGround {
  /** The environment of the daemon itself, less what is its own. */
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly settings: Settings;
  /** Path of the control socket, so that `rind emit` in a service finds the daemon that runs it. */
  readonly socket: string | undefined;
}

/** What everything that runs for an instance has in common: its process, exec probes, scripts of hooks, its reload and stop commands. */
export interface Surroundings {
  readonly env: Record<string, string>;
  /** Absolute. */
  readonly cwd: string;
  /** undefined: that of the daemon. */
  readonly identity: Identity | undefined;
}

/** What an environment is made of beside its ground and what the unit says. */
export interface EnvParts {
  readonly user: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly transport: Readonly<Record<string, string>>;
}

type Ground = Readonly<Record<string, string>>;

/** One for all that are started under the same settings: made anew for each, it would be most of what a start allocates. */
const grounds = new WeakMap<Settings, { readonly baseEnv: Ground; readonly env: Ground }>();

/** The environment of whatever is started, before its own unit says anything. The same object for the same two. */
export function groundEnv(baseEnv: Ground, settings: Settings): Ground {
  const known = grounds.get(settings);
  if (known?.baseEnv === baseEnv) return known.env;
  const { path, env: own } = settings;
  const env = { ...baseEnv, ...(path === undefined ? {} : { PATH: path }), ...own };
  grounds.set(settings, { baseEnv, env });
  return env;
}

/** The environment of an instance, the later wins (SPEC 6). */
export function instanceEnv(
  decl: ServiceDecl,
  key: string,
  ground: LaunchGround,
  { user, files, transport }: EnvParts,
): Record<string, string> {
  const env = Object.assign({ ...groundEnv(ground.baseEnv, ground.settings) }, user, files, decl.run.env, transport);
  env["RIND_SERVICE"] = instanceName(decl.name, key);
  if (key !== WHOLE) env["RIND_BRANCH_KEY"] = key;
  if (ground.socket !== undefined) env["RIND_SOCKET"] = ground.socket;
  return env;
}

export function launchPlan(
  { name, decl }: Pick<Instance, "name" | "decl">,
  { env, cwd, identity }: Surroundings,
  injection: Injection,
  pidVariables: readonly string[],
): LaunchPlan {
  const { program, args, stdin, umask, nice, oomScoreAdj, rlimits, tty } = decl.run;
  return {
    instance: name,
    program,
    args: [...args, ...injection.args],
    env,
    cwd,
    identity,
    pidVariables,
    stdin,
    umask,
    nice,
    oomScoreAdj,
    rlimits,
    tty,
  };
}

/** What concerns the process of a service, as text: when it differs from what a process was started with, that process is stale. */
export function launchText(decl: ServiceDecl, settings: Settings): string {
  const { run, space, userSource, transport, log, watchdog } = decl;
  const { env, path, logFolder } = settings;
  return JSON.stringify([run, space, userSource, transport, log, env, path, logFolder, needsNotifySocket(decl), watchdog?.intervalMs]);
}
