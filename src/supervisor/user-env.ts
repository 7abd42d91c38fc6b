import { statSync } from "node:fs";
import type { Settings } from "../model/unit-set.ts";
import { DEFAULT_PATH } from "../process/find-program.ts";
import type { RunUser } from "./run-user.ts";

/** As login(1) has it for those who are not root. */
const USERS_PATH = "/usr/local/bin:/usr/bin:/bin";

/**
 * What of the environment comes from its user (SPEC 6.9). `runtimeFolder`: undefined where there is none. Where the daemon is that user itself, its PATH
 * and runtime folder are the user's already.
 */
export function userEnv(found: RunUser, runtimeFolder: string | undefined, { path, env }: Settings): Readonly<Record<string, string>> {
  if (found.kind !== "user") return {};
  const { name, uid, home, shell } = found.user;
  const own: Record<string, string> = { HOME: home, USER: name, LOGNAME: name, SHELL: shell };
  if (found.identity === undefined) return own;
  if (path === undefined && env["PATH"] === undefined) own["PATH"] = uid === 0 ? DEFAULT_PATH : USERS_PATH;
  return runtimeFolder === undefined ? own : { ...own, XDG_RUNTIME_DIR: runtimeFolder };
}

/** What names folders, sockets and the session of whoever started the daemon. */
const OF_ONE_USER = /^(?:XDG|SSH|SUDO)_|^(?:DBUS_SESSION_BUS_ADDRESS|MAIL|XAUTHORITY)$/;

/** The environment of the daemon, as far as it is anything to a process of this user. */
export function inherited(found: RunUser, baseEnv: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (found.kind !== "user" || found.identity === undefined) return baseEnv;
  return Object.fromEntries(Object.entries(baseEnv).filter(([name]) => !OF_ONE_USER.test(name)));
}

/** Where a process of this user starts if its unit does not say; `/` where the home is not there, as at a login. */
export function homeOf(found: RunUser): string {
  if (found.kind !== "user") return "/";
  const { home } = found.user;
  return home.startsWith("/") && statSync(home, { throwIfNoEntry: false })?.isDirectory() === true ? home : "/";
}
